"""What mail servers say of mails that did not arrive, each in its own way, and what only looks like it."""

from datetime import UTC, datetime

import pytest

from portal.adapters import bounce_mails
from portal.db.message import BounceKind
from tests.adapters import reports
from tests.adapters.reports import NAME
from tests.conftest import NOW

TEMPORARY = "retry timeout exceeded 451 4.7.1 try again"


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (reports.postfix(), BounceKind.PERMANENT, "5.1.1"),
        (reports.postfix(action="delayed", status="4.4.1"), BounceKind.DELAYED, "4.4.1"),
        (reports.postfix(action="failed", status="4.4.1"), BounceKind.PERMANENT, "4.4.1"),  # given up after days
        (reports.exchange(), BounceKind.PERMANENT, "5.1.10"),  # the other server's answer tells more
        (reports.exim(), BounceKind.PERMANENT, "550"),
        (reports.exim(said="an undisclosed reason"), BounceKind.PERMANENT, "5.0.0"),
        (reports.exim(subject="Warning: message delayed 24 hours", said=TEMPORARY), BounceKind.DELAYED, "4.7.1"),
    ],
)
def test_a_report_names_the_mail_what_became_of_it_and_why(raw: bytes, kind: BounceKind, code: str) -> None:
    report = bounce_mails.read(raw, at=NOW)
    assert report
    assert (report.name, report.kind, report.code) == (NAME, kind, code)
    assert datetime(2027, 3, 3, 9, 0, tzinfo=UTC) <= report.at <= datetime(2027, 3, 3, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        reports.out_of_office(),
        reports.postfix(action="relayed"),
        reports.postfix(action="delivered", status="2.0.0"),
        reports.postfix(name="of-somebody-else@example.net"),
        reports.LETTER.encode(),
        b"",
        b"\xff\xfe\x00nonsense",
        reports.postfix()[:900],
    ],
)
def test_what_is_no_report_of_ours_is_left_alone(raw: bytes) -> None:
    assert bounce_mails.read(raw, at=NOW) is None


def test_the_same_report_has_the_same_digest_and_another_one_another() -> None:
    first, again = (bounce_mails.read(reports.postfix(), at=NOW) for _ in range(2))
    other = bounce_mails.read(reports.postfix(status="5.2.1"), at=NOW)
    assert first
    assert other
    assert first == again
    assert first.digest != other.digest


def test_a_report_without_a_date_is_of_the_hour_at_which_it_is_read() -> None:
    lines = reports.postfix().splitlines(keepends=True)
    undated = bounce_mails.read(b"".join(line for line in lines if not line.startswith(b"Date:")), at=NOW)
    nonsense = bounce_mails.read(reports.exim().replace(b"Date: Wed, 03 Mar", b"Date: soon,"), at=NOW)
    assert undated
    assert nonsense
    assert undated.at == NOW
    assert nonsense.at == NOW
