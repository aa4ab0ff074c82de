"""Each mail's words in both languages are pinned as text files beside its template; a change of words shows there.

`PIN=1 pytest tests/adapters/test_letters.py` writes the files anew, to be read before they are committed.
"""

import os
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from portal.adapters.letters import compose
from portal.domain.blind import MAIL_PLACEHOLDERS, BlindBrokenError, forbidden_words
from portal.resources import templates_folder
from portal.services.letters import Letter

AT = datetime(2027, 2, 26, 9, 0, tzinfo=UTC)
PINNED = templates_folder() / "mail" / "pinned"
PATIENTS: dict[str, str | int | date] = {
    "visit_on": date(2027, 3, 5),
    "opens_on": date(2027, 2, 26),
    "site_name": "Hôpital <A> & B",
    "telephone": "+33 1 99 00 21 35",
    "emergency": "",
}
STAFFS: dict[str, str | int | date] = {
    "visit_on": date(2027, 3, 5),
    "site_name": "Hôpital <A> & B",
    "participant_number": "01-003",
    "edition": 1,
    "attached": False,
    "broken": 1,
    "endangered": 2,
    "missing": 1,
    "bounced": 1,
    "unsent": 2,
    "unknown": 1,
    "unprintable": 1,
    "first": date(2027, 3, 1),
    "last": date(2027, 3, 7),
    "visits": 6,
    "complete": 3,
    "begun": 1,
    "nothing": 2,
    "received": 1,
    "unsigned": 4,
}
TO_STAFF = {"summary", "nothing_received", "daily_notice", "weekly_digest"}


def letter(mail: str, language: str, **changed: str | int | date) -> Letter:
    known = PATIENTS | STAFFS
    values = {name: value for name, value in known.items() if name in MAIL_PLACEHOLDERS[mail]} | changed
    stop_path = "/stop/TOKEN" if "stop_link" in MAIL_PLACEHOLDERS[mail] else ""
    return Letter(UUID(int=7), mail, language, "someone@example.org", "/o/TOKEN", values, stop_path)


def composed(mail: str, language: str, **changed: str | int | date) -> EmailMessage:
    made = compose(
        letter(mail, language, **changed),
        base_url="https://previsit.example",
        sender="Prévisite <previsit@example.org>",
        at=AT,
    )
    read = message_from_bytes(made.as_bytes(), policy=policy.default)  # as the reader's program sees it
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


CASES = [(mail, language) for mail in sorted(MAIL_PLACEHOLDERS) for language in ("fr", "en")]


@pytest.mark.parametrize(("mail", "language"), CASES)
@pytest.mark.parametrize(("kind", "ending"), [("plain", "txt"), ("html", "html")])
def test_the_words_are_the_pinned_ones(mail: str, language: str, kind: str, ending: str) -> None:
    made = composed(mail, language)
    text = f"{made['Subject']}\n\n{part(made, kind)}" if ending == "txt" else part(made, kind)
    path = PINNED / f"{mail}.{language}.{ending}"
    if os.environ.get("PIN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("mail", "language"), CASES)
def test_no_mail_tells_of_an_illness_a_questionnaire_a_score_or_a_name(mail: str, language: str) -> None:
    made = composed(mail, language, site_name="Site 01")
    for text in (made["Subject"], part(made, "plain"), part(made, "html")):
        assert forbidden_words(text) == []


@pytest.mark.parametrize(("mail", "language"), CASES)
def test_a_mail_has_the_headers_of_a_good_mail(mail: str, language: str) -> None:
    made = composed(mail, language)
    assert made["From"] == "Prévisite <previsit@example.org>"
    assert made["To"] == "someone@example.org"
    assert made["Message-ID"] == "<00000000-0000-0000-0000-000000000007@previsit.example>"
    assert made["Date"].datetime == datetime(2027, 2, 26, 9, 0, tzinfo=UTC)
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Content-Language"] == language
    assert {"Precedence", "List-Id", "Reply-To"}.isdisjoint(made.keys())  # it is no newsletter
    assert made.get_content_type() == "multipart/alternative"
    assert not made.defects


@pytest.mark.parametrize(("mail", "language"), CASES)
def test_a_mail_says_that_nobody_reads_replies_unless_they_go_where_somebody_does(mail: str, language: str) -> None:
    said = {"fr": ("ne sont lues par personne", "sont lues, mais"), "en": ("nobody reads the replies", "are read, but")}
    where = {"base_url": "https://previsit.example", "sender": "p@example.org", "at": AT}
    for reply_to in ("", "study@example.org"):
        made = compose(letter(mail, language), reply_to=reply_to, **where)  # type: ignore[arg-type] # by name
        for kind in ("plain", "html"):
            text = part(made, kind)
            assert [words in text for words in said[language]] == [not reply_to, bool(reply_to)]


def test_each_message_to_a_patient_is_stopped_in_one_click_and_no_other() -> None:
    for mail in MAIL_PLACEHOLDERS:
        made = composed(mail, "fr")
        is_hers = mail not in {"contact_test", *TO_STAFF}
        assert made["List-Unsubscribe"] == ("<https://previsit.example/stop/TOKEN>" if is_hers else None)
        assert made["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if is_hers else None)
        assert ("https://previsit.example/stop/TOKEN" in part(made, "plain")) is is_hers


def test_without_https_no_mail_program_is_invited_to_post() -> None:
    made = compose(letter("opening", "fr"), base_url="http://127.0.0.1:8000", sender="p@example.org", at=AT)
    assert made["List-Unsubscribe"] == "<http://127.0.0.1:8000/stop/TOKEN>"
    assert "List-Unsubscribe-Post" not in made


@pytest.mark.parametrize(("mail", "language"), CASES)
def test_any_mail_server_can_carry_it(mail: str, language: str) -> None:
    """ASCII throughout, lines of at most 78 signs, but for the addresses, which must not be broken."""
    long = f"https://{'a' * 60}.{'b' * 60}.example"
    made = compose(letter(mail, language), base_url=long, sender="Prévisite <p@example.org>", reply_to="q@x.y", at=AT)
    lines = made.as_bytes().decode("ascii").split("\r\n")
    lengthy = {line.partition(":")[0] for line in lines if len(line) > 78}
    assert lengthy == {"Message-ID", "List-Unsubscribe"} - (
        set() if letter(mail, language).stop_path else {"List-Unsubscribe"}
    )
    assert "=?" not in made["Message-ID"]
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert read["Message-ID"] == f"<{UUID(int=7)}@{long.removeprefix('https://')}>"
    assert read["Reply-To"] == "q@x.y"


def test_the_link_stands_alone_on_its_line_and_behind_the_button() -> None:
    made = composed("opening", "fr")
    assert "\nhttps://previsit.example/o/TOKEN\n" in part(made, "plain")
    assert '<a href="https://previsit.example/o/TOKEN">Répondre aux questionnaires</a>' in part(made, "html")


def test_signs_of_a_sites_name_are_escaped_in_html_and_plain_in_plain_text() -> None:
    made = composed("opening", "fr")
    assert "Hôpital <A> & B" in part(made, "plain")
    assert "Hôpital &lt;A&gt; &amp; B" in part(made, "html")


def test_the_studys_own_words_for_an_emergency_stand_in_place_of_ours() -> None:
    assert "appelez les secours" in part(composed("opening", "fr"), "plain")
    own = part(composed("opening", "fr", emergency="En cas d’urgence, appelez le 15."), "plain")
    assert "appelez le 15." in own
    assert "les secours" not in own


def test_a_later_edition_says_that_it_replaces_the_earlier() -> None:
    assert "édition 2" in part(composed("summary", "fr", edition=2), "plain")


def test_a_mail_filled_with_more_than_it_may_carry_is_not_made() -> None:
    with pytest.raises(BlindBrokenError, match="telephone"):
        composed("summary", "fr", telephone="+33 1")


def test_a_letter_shows_neither_address_nor_link() -> None:
    shown = repr(letter("opening", "fr"))
    assert "example.org" not in shown
    assert "TOKEN" not in shown
