"""How much comes over the wire before a patient sees her first question: page, styles and scripts."""

import re
from html import unescape

from benchmarks import clinic
from benchmarks.browser import Browser
from benchmarks.figure import Figure
from benchmarks.server import served

_LIMIT = 14  # KB


def measure() -> list[Figure]:
    """Give the size of the questionnaire's page with all that it asks for, on a phone that holds nothing of it yet."""
    with clinic.settings() as settings:
        patient = clinic.enrol_patients(settings, 1)[0]
        with served(settings.to_environment()) as portal:
            phone = clinic.enrolled_phone(portal.port, patient)
            dlqi, shaq = (_weigh(phone, f"/answer/{each}") for each in (patient.dlqi, patient.shaq))
    return [
        Figure(name="first question, compressed, with headers", value=sum(dlqi), unit="KB", limit=_LIMIT),
        Figure(name="  of which page, styles and scripts", value=dlqi[0], unit="KB"),
        Figure(name="  of which HTTP headers", value=dlqi[1], unit="KB"),
        Figure(name="first question of the SHAQ, if opened first", value=sum(shaq), unit="KB"),
    ]


def _weigh(phone: Browser, path: str) -> tuple[float, float]:
    """Give the kilobytes of bodies and of headers: the page, and what it links to from the portal."""
    page = phone.get(path)
    linked = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', page.text)
    assert linked, "the page links to no style and no script: are they marked up in another way?"
    replies = [page, *(phone.get(unescape(each)) for each in linked)]
    assert all(reply.status == 200 for reply in replies)
    return sum(len(reply.body) for reply in replies) / 1000, sum(reply.header_bytes for reply in replies) / 1000
