"""Every blueprint of the portal, in one list."""

from flask import Blueprint, Flask

from portal.config import Settings
from portal.web.anyone import home, installing, language, verify
from portal.web.api import answers, bounces, sms_answers
from portal.web.clinic import (
    bulk_enrolment,
    contacts,
    enrolment,
    hand_over,
    interviewing,
    invitations,
    keying,
    packs,
    paper,
    participants,
    reaching,
    schedule,
    settling,
    stops,
    visits,
    withdrawing,
)
from portal.web.clinic import summaries as clinic_summaries
from portal.web.demonstration import mailbox, start
from portal.web.investigator import comparing, item_history, signing, traces
from portal.web.investigator import summaries as investigator_summaries
from portal.web.patient import (
    answering,
    door,
    fresh_link,
    lending,
    next_opening,
    offline,
    practice,
    receipts,
    stopping,
    visit,
    wishes,
)
from portal.web.staff import (
    correction_requests,
    corrections,
    finding,
    list_downloads,
    notice_choices,
    passphrases,
    patient_lists,
    progress,
    promises,
    queries,
    query_downloads,
    scans,
    sign_in,
    site_copies,
)

EVERYWHERE: tuple[Blueprint, ...] = (
    language.bp,
    home.bp,
    installing.bp,
    verify.bp,
    door.bp,
    lending.bp,
    fresh_link.bp,
    visit.bp,
    answering.bp,
    offline.bp,
    practice.bp,
    receipts.bp,
    wishes.bp,
    next_opening.bp,
    stopping.bp,
    answers.bp,
    sms_answers.bp,
    bounces.bp,
    sign_in.bp,
    finding.bp,
    patient_lists.bp,
    list_downloads.bp,
    notice_choices.bp,
    site_copies.bp,
    passphrases.bp,
    corrections.bp,
    correction_requests.bp,
    queries.bp,
    scans.bp,
    query_downloads.bp,
    progress.bp,
    promises.bp,
    visits.bp,
    hand_over.bp,
    invitations.bp,
    participants.bp,
    reaching.bp,
    enrolment.bp,
    bulk_enrolment.bp,
    contacts.bp,
    schedule.bp,
    withdrawing.bp,
    stops.bp,
    keying.bp,
    interviewing.bp,
    settling.bp,
    paper.bp,
    packs.bp,
    clinic_summaries.bp,
    investigator_summaries.bp,
    signing.bp,
    item_history.bp,
    comparing.bp,
    traces.bp,
)
DEMONSTRATION_ONLY: tuple[Blueprint, ...] = (start.bp, mailbox.bp)


def register(app: Flask, settings: Settings) -> None:
    """Add each kind of person's pages; the demonstration's only in a demonstration."""
    for blueprint in EVERYWHERE:
        app.register_blueprint(blueprint)
    if settings.demonstration:
        for blueprint in DEMONSTRATION_ONLY:
            app.register_blueprint(blueprint)
