"""Templates mirror the folders of portal.web, and each one is asked for by somebody."""

import re

from portal.domain.instruments.model import QuestionType
from tests.house.sources import PORTAL, TEMPLATES, modules, name, templates

NOT_PAGES = {"components", "items", "mail", "pdf", "simulation", "sms", "trace"}
"""Folders that mirror no folder of portal.web: macros, question types, messages, documents, what a simulation tells,
a score's explanation."""
CHOSEN_BY_VALUE = {"items", "mail", "sms", "trace"}
"""Folders whose templates are chosen by a value, so that their paths stand nowhere in full."""


def test_each_folder_of_pages_is_a_folder_of_the_web() -> None:
    pages = {path.relative_to(TEMPLATES).parts[0] for path in templates() if path.parent != TEMPLATES} - NOT_PAGES
    web = {path.parent.name for path in (PORTAL / "web").glob("*/__init__.py")}
    assert pages <= web


def test_each_template_is_asked_for() -> None:
    asking = [*modules("portal"), *templates()]
    asked = {found for path in asking for found in re.findall(r"[\w/-]+\.(?:html|txt|css)\b", path.read_text("utf-8"))}
    idle = [
        name(path)
        for path in templates()
        if path.relative_to(TEMPLATES).parts[0] not in CHOSEN_BY_VALUE
        and path.relative_to(TEMPLATES).as_posix() not in asked
    ]
    assert idle == []


def test_each_question_type_has_its_partial_and_each_partial_its_type() -> None:
    partials = {path.stem for path in (TEMPLATES / "items").glob("*.html")}
    assert partials == {each.value for each in QuestionType}


def test_no_template_carries_style_or_script_that_the_policy_would_refuse() -> None:
    inline = re.compile(r"<style(?![^>]*data-(?:pdf|kept))|<script(?![^>]*\bsrc=)|\sstyle=\"|\son[a-z]+=\"|javascript:")
    # A document is printed by the worker, a mail is read in a mail program and what is kept is opened from a file: no
    # browser with our policy sees them.
    screens = [path for path in templates() if path.relative_to(TEMPLATES).parts[0] not in {"pdf", "mail"}]
    assert [name(path) for path in screens if inline.search(path.read_text("utf-8"))] == []
