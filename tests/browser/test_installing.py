"""Chromium finds nothing amiss in the app that the patient's pages offer."""

from collections.abc import Callable

import pytest

from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_app_can_be_installed(new_patient: NewPatient, language: str) -> None:
    page = new_patient(language).come_in().page
    browser = page.context.new_cdp_session(page)
    found = browser.send("Page.getAppManifest")
    assert found["url"].endswith(f"/manifest/{language}.webmanifest")
    assert found["errors"] == []
    faults = {each["errorId"] for each in browser.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert faults <= {"in-incognito"}  # each test has a browser window that keeps nothing
