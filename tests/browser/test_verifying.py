"""Whoever holds a summary's file gives it to a page, and is told whether it is the latest."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.services import actor, summaries
from tests import factories
from tests.browser import axe

WORDS = {
    "en": ("Check the file", "This page is current.", "This page is superseded.", "Not ours, or altered."),
    "fr": (
        "Vérifier le fichier",
        "Cette page est la plus récente.",
        "Cette page a été remplacée.",
        "Page étrangère ou modifiée.",
    ),
}


@dataclass
class Holder:
    """Somebody who holds a file, in front of the page that checks it."""

    page: Page
    address: str
    button: str

    def check(self, file: Path) -> str:
        """Choose the file and send it; gives what the page says, once it was shown to axe."""
        self.page.goto(f"{self.address}/verify")
        self.page.locator("#file").set_input_files(file)
        self.page.get_by_role("button", name=self.button).click()
        self.page.wait_for_url("**/verify/*")
        axe.check(self.page)
        return self.page.locator(".notice").inner_text()


@pytest.mark.parametrize("language", WORDS)
def test_a_file_is_current_then_superseded_and_altered_by_a_byte_not_ours(
    store: Session, base_url: str, new_context: Callable[..., BrowserContext], tmp_path: Path, language: str
) -> None:
    visit = factories.get_visit(store, factories.make_participant(store, factories.load_study(store)[0]))
    summary = summaries.make(store, visit.id, by=actor.SYSTEM, at=factories.AT)
    summaries.keep_document(store, summary, "fr", b"%PDF the original", by=actor.SYSTEM, at=factories.AT)
    store.commit()
    original, altered = tmp_path / "original.pdf", tmp_path / "altered.pdf"
    original.write_bytes(b"%PDF the original")
    altered.write_bytes(b"%PDF the 0riginal")
    button, current, superseded, not_ours = WORDS[language]
    holder = Holder(new_context(locale=language).new_page(), base_url, button)
    assert holder.check(original) == current
    assert holder.check(altered) == not_ours
    factories.complete_visit(store, store.scalars(select(Participant)).one())
    store.commit()
    assert holder.check(original) == superseded
    assert "01-001" not in holder.page.content()


@pytest.mark.parametrize("language", WORDS)
def test_no_file_is_told_at_its_field(base_url: str, new_context: Callable[..., BrowserContext], language: str) -> None:
    page = new_context(locale=language).new_page()
    page.goto(f"{base_url}/verify")
    page.get_by_role("button", name=WORDS[language][0]).click()
    page.wait_for_selector("#file-fault")
    assert page.locator("#file").get_attribute("aria-describedby") == "file-fault file-hint"
    axe.check(page)
