"""The trail's vocabulary: every deed that leaves a record, and how records are chained.

Source: 21 CFR 11.10(e); EMA guideline on computerised systems 2023, annex 5.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64


class ActorKind(StrEnum):
    """What kind of person, or none, did a deed."""

    PATIENT = "patient"
    STAFF = "staff"
    SYSTEM = "system"


class Deed(StrEnum):
    """What was done: one tag for each kind of audit event."""

    STUDY_LOADED = "study.loaded"
    WORDING_KEPT = "wording.kept"
    LICENCE_KEPT = "licence.kept"
    STAFF_ADDED = "staff.added"
    STAFF_DEACTIVATED = "staff.deactivated"
    STAFF_SIGNED_IN = "staff.signed-in"
    STAFF_SIGN_IN_REFUSED = "staff.sign-in-refused"
    STAFF_SIGNED_OUT = "staff.signed-out"
    PARTICIPANT_ENROLLED = "participant.enrolled"
    PARTICIPANTS_ENROLLED = "participants.enrolled"
    PARTICIPANT_WITHDRAWN = "participant.withdrawn"
    PARTICIPANT_PAUSED = "participant.paused"
    PARTICIPANT_REINCLUDED = "participant.reincluded"
    STOP_ASKED = "stop.asked"
    STOP_LIFTED = "stop.lifted"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_READ = "contact.read"
    PASSPHRASE_CHANGED = "passphrase.changed"  # noqa: S105 - a tag, and no password
    CONTACT_TESTED = "contact.tested"
    PATIENT_TELEPHONED = "patient.telephoned"
    VISIT_PLANNED = "visit.planned"
    VISIT_MOVED = "visit.moved"
    VISIT_APPOINTED = "visit.appointed"
    LINK_ISSUED = "link.issued"
    LINK_REVOKED = "link.revoked"
    INVITATION_OPENED = "invitation.opened"
    FRESH_LINK_ASKED = "fresh-link.asked"
    DOOR_OPENED = "door.opened"
    DOOR_REFUSED = "door.refused"
    DEVICE_ENROLLED = "device.enrolled"
    DEVICE_FORGOTTEN = "device.forgotten"
    DEVICE_HANDED_OVER = "device.handed-over"
    ANSWER_SAVED = "answer.saved"
    ANSWER_SET_APART = "answer.set-apart"
    ANSWER_CONFLICTED = "answer.conflicted"
    RESPONSE_COMPLETED = "response.completed"
    RESPONSE_KEYED = "response.keyed"
    KEYING_SETTLED = "keying.settled"
    ATTACHMENT_KEPT = "attachment.kept"
    ATTACHMENT_OPENED = "attachment.opened"
    RESPONSE_SCORED = "response.scored"
    ANSWERS_READ = "answers.read"
    RESPONSE_CORRECTED = "response.corrected"
    ANSWER_CORRECTED = "answer.corrected"
    CORRECTION_ASKED = "correction.asked"
    CORRECTION_SETTLED = "correction.settled"
    QUERY_OPENED = "query.opened"
    QUERY_ANSWERED = "query.answered"
    QUERY_CLOSED = "query.closed"
    SUMMARY_MADE = "summary.made"
    SUMMARY_RENDERED = "summary.rendered"
    SUMMARY_DELIVERED = "summary.delivered"
    SUMMARY_LISTED = "summary.listed"
    SUMMARY_OPENED = "summary.opened"
    SUMMARY_EXPORTED = "summary.exported"
    SUMMARY_PRINTED = "summary.printed"
    SUMMARY_SEEN = "summary.seen"
    SUMMARY_COMPARED = "summary.compared"
    ITEM_READ = "item.read"
    SIGNATURE_GIVEN = "signature.given"
    SIGNATURE_REFUSED = "signature.refused"
    SIGNATURE_RENDERED = "signature.rendered"
    SIGNATURE_VOIDED = "signature.voided"
    LIST_EXPORTED = "list.exported"
    POOLED_SCORES_READ = "scores.pooled-read"
    PACK_MADE = "pack.made"
    PACK_PRINTED = "pack.printed"
    PAPER_ISSUED = "paper.issued"
    BLANK_FORM_RENDERED = "blank-form.rendered"
    SITE_COPIED = "site.copied"
    NOTICES_CHOSEN = "notices.chosen"
    MESSAGE_PLANNED = "message.planned"
    MESSAGE_SENT = "message.sent"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_CANCELLED = "message.cancelled"
    MESSAGE_UNKNOWN = "message.unknown"
    MESSAGE_BOUNCED = "message.bounced"
    SHORTFALL_FOUND = "shortfall.found"
    SHORTFALL_CLEARED = "shortfall.cleared"


def chained(previous: str, event: Mapping[str, Any]) -> str:
    """Give the hash (64 hexadecimal digits) that binds `event` to the record before it.

    `event` is the record as plain JSON values; the same values give the same hash in any order of keys.
    """
    text = json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}{text}".encode()).hexdigest()
