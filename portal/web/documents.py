"""A summary's PDF as the worker rendered it; a web process only hands it over, or asks for a moment's patience."""

import io

from flask import current_app, make_response, render_template, request, send_file
from flask.typing import ResponseReturnValue

from portal import clock
from portal.config import Settings
from portal.db.summary import Summary
from portal.domain.study import LANGUAGES
from portal.services import render_faults, signed_documents, summaries
from portal.services.summaries import SummaryPage
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

_SECONDS = 3  # the worker looks for new summaries every few seconds


def open_page(summary: Summary) -> SummaryPage:
    """Give a summary as a page in the reader's language, and record that it was opened."""
    summaries.opened(session(), summary, by=current_staff().actor, at=clock.now())
    return page_of(summary)


def page_of(summary: Summary) -> SummaryPage:
    """Give a summary as a page in the reader's language; whoever shows all of it asks for `open_page`."""
    settings: Settings = current_app.extensions["settings"]
    return summaries.page_of(session(), summary, language=current_language(), base_url=settings.base_url)


def is_unprintable(summary: Summary) -> bool:
    """Whether its document, or a signed copy of it, failed to come out so often that staff are told."""
    return bool(render_faults.unprintable(session(), [summary.id]))


def open_document(summary: Summary, back: str) -> ResponseReturnValue:
    """Give the PDF in the language asked for (`?language=`, else the reader's), and record that it was opened.

    Once it is signed, the signed copy; `?copy=original` gives the one that was made first.

    Not rendered yet: a page with status 202 that asks again by itself, unless printing was given up; `back` is the
    summary's own page.
    """
    wanted = request.args.get("language", "")
    language = wanted if wanted in LANGUAGES else current_language()
    as_made = request.args.get("copy") == "original"
    signed = None if as_made else signed_documents.find_newest(session(), summary, language)
    document = signed or summaries.find_document(session(), summary, language)
    if document is None and is_unprintable(summary):
        return render_template("staff/document_failed.html", back=back, number=summary.number)
    if document is None:
        response = make_response(render_template("staff/document_awaited.html", back=back), 202)
        response.headers["Refresh"] = str(_SECONDS)
        return response
    summaries.opened(session(), summary, by=current_staff().actor, at=clock.now())
    edition = f"{summary.number}_signed" if signed else summary.number
    name = f"PREVISIT_{summary.content['participant_number']}_{summary.content['visit']}_{edition}.pdf"
    response = send_file(io.BytesIO(document.pdf), "application/pdf", download_name=name)
    response.headers["Cache-Control"] = "no-store"  # send_file would let a shared computer keep it
    return response
