"""What every page must be, whoever it is for: checked on each HTML answer that any test fetches."""

import re
from itertools import pairwise
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

_NEEDS_NO_LABEL = {"hidden", "submit", "button"}


class CheckedClient(FlaskClient):
    """A browser without JavaScript that looks at every page it is given."""

    def open(self, *arguments: Any, **named: Any) -> TestResponse:
        """Fetch, and fail when the page is not sound; each fault is a line."""
        response = super().open(*arguments, **named)
        if response.mimetype == "text/html" and response.data and response.status_code not in range(300, 400):
            to_keep = response.headers.get("Content-Disposition", "").startswith("attachment")
            faults = page_faults(response.text, to_keep=to_keep)
            assert faults == [], f"{response.request.path}: " + "; ".join(faults)
        return response


def page_faults(text: str, *, to_keep: bool = False) -> list[str]:
    """Name everything that is wrong with a page's HTML; an empty list when it is sound.

    A page `to_keep` is opened from a file, where no policy forbids styles of its own.
    """
    page = html.document_fromstring(text)
    faults = [] if text.lstrip().lower().startswith("<!doctype html>") else ["no doctype"]
    faults += [] if page.get("lang") in {"fr", "en"} else [f"lang is {page.get('lang')!r}"]
    for tag in ("title", "h1", "main"):
        found = [each for each in page.iter(tag) if _text(each)]
        faults += [] if len(found) == 1 else [f"{len(found)} <{tag}> with words in it"]
    faults += _identity_faults(page) + _heading_faults(page) + ([] if to_keep else _inline_faults(page))
    for form in page.iter("form"):
        if form.get("method", "get").lower() == "post" and not _find(form, ".//input[@name='csrf_token']"):
            faults.append(f"a form to {form.get('action')} has no CSRF field")
    for field in _find(page, "//input | //select | //textarea"):
        if field.get("type", "text") not in _NEEDS_NO_LABEL and not _label(page, field):
            faults.append(f"a field {field.get('name')!r} has no label")
    for act in _find(page, "//button | //a[@href]"):
        if not _text(act) and not act.get("aria-label") and not _find(act, ".//img[@alt!='']"):
            faults.append(f"a {act.tag} without words")
    faults += [f"an image without alt: {each.get('src', '')[:40]}" for each in _find(page, "//img[not(@alt)]")]
    return faults


def _identity_faults(page: HtmlElement) -> list[str]:
    ids = [str(each) for each in _find(page, "//@id")]
    faults = [f"the id {each!r} stands {ids.count(each)} times" for each in sorted(set(ids)) if ids.count(each) > 1]
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
        wanted = {word for value in _find(page, f"//@{name}") for word in str(value).split()}
        faults += [f"{name} names {each!r}, which is not there" for each in sorted(wanted - set(ids))]
    return faults


def _inline_faults(page: HtmlElement) -> list[str]:
    """The content security policy would refuse these without a word."""
    faults = [f"an inline <{each.tag}>" for each in _find(page, "//style | //script[not(@src)]") if _runs(each)]
    attributes = {str(each.attrname) for each in _find(page, "//@*")}
    faults += [f"the attribute {each}" for each in sorted(attributes) if each == "style" or each.startswith("on")]
    return faults


def _runs(element: HtmlElement) -> bool:
    return element.get("type", "") not in {"application/json", "text/plain"}


def _heading_faults(page: HtmlElement) -> list[str]:
    levels = [
        int(each.tag[1]) for each in page.iter() if isinstance(each.tag, str) and re.fullmatch("h[1-6]", each.tag)
    ]
    return [f"an h{level} follows an h{before}" for before, level in pairwise(levels) if level > before + 1]


def _label(page: HtmlElement, field: HtmlElement) -> str:
    if field.get("aria-label"):
        return str(field.get("aria-label"))
    ids = str(field.get("aria-labelledby", "")).split()
    owners = [*_find(page, "//label[@for=$id]", id=field.get("id", "")), *_find(field, "ancestor::label")]
    owners += [each for name in ids for each in _find(page, "//*[@id=$id]", id=name)]
    return " ".join(_text(each) for each in owners)


def _find(element: HtmlElement, path: str, **names: str) -> list[Any]:
    found = element.xpath(path, **names)
    assert isinstance(found, list)
    return found


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
