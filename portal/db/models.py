"""Every model of the clinical store, imported in one place so that the metadata is whole."""

from portal.db import (
    audit_event,
    correction,
    door,
    message,
    paper,
    participant,
    query,
    response,
    score,
    signature,
    staff,
    study,
    summary,
    visit_listing,
    wording,
)
from portal.db.base import Base

__all__ = [
    "Base",
    "audit_event",
    "correction",
    "door",
    "message",
    "paper",
    "participant",
    "query",
    "response",
    "score",
    "signature",
    "staff",
    "study",
    "summary",
    "visit_listing",
    "wording",
]
