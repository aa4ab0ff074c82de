"""A page in a mail: AES-256, opened by the site's passphrase and by nothing else, and the same page inside."""

import io
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pikepdf
import pytest

from portal.adapters.encrypted_pdf import encrypted
from portal.adapters.letters import compose
from portal.services.letters import Attachment
from tests.adapters.test_letters import AT, letter, part

PASSPHRASE = "K7QM-2VXD-9HTA-0WPC-4RBN"


def a_page() -> bytes:
    """A PDF with one page, a title and a stream."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.pages[0].Contents = made.make_stream(b"BT /F1 12 Tf (01-003) Tj ET")
        made.docinfo["/Title"] = "01-003"
        made.save(out)
    return out.getvalue()


def opened(pdf: bytes, password: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf), password=password)


def test_it_opens_with_the_passphrase_and_says_what_it_said() -> None:
    with opened(encrypted(a_page(), PASSPHRASE), PASSPHRASE) as document:
        assert document.pages[0].Contents.read_bytes() == b"BT /F1 12 Tf (01-003) Tj ET"
        assert document.user_password_matched
        assert not document.owner_password_matched
        assert document.allow.accessibility
        assert document.allow.print_highres


@pytest.mark.parametrize("wrong", ["", PASSPHRASE.lower(), PASSPHRASE[:-1], f"{PASSPHRASE} ", "owner"])
def test_it_opens_with_nothing_else(wrong: str) -> None:
    with pytest.raises(pikepdf.PasswordError):
        opened(encrypted(a_page(), PASSPHRASE), wrong)


def test_it_is_aes_256_throughout() -> None:
    locked = encrypted(a_page(), PASSPHRASE)
    with opened(locked, PASSPHRASE) as document:
        how = document.encryption
        assert (how.R, how.V, how.bits) == (6, 5, 256)
        methods = {how.stream_method, how.string_method, how.file_method}
        assert methods == {pikepdf.models.EncryptionMethod.aesv3}
    assert b"/EncryptMetadata false" not in locked
    assert b"01-003" not in locked


def test_the_mail_holds_it_beside_text_and_html_and_says_so() -> None:
    plain = letter("summary", "fr", attached=True)
    with_page = replace(plain, attachment=Attachment("01-003-2027-03-05-1.pdf", a_page(), PASSPHRASE))
    made = compose(with_page, base_url="https://previsit.example", sender="p@example.org", at=AT)
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert read.get_content_type() == "multipart/mixed"
    assert read["Content-Language"] == "fr"
    (page,) = read.iter_attachments()
    assert (page.get_content_type(), page.get_filename()) == ("application/pdf", "01-003-2027-03-05-1.pdf")
    with opened(page.get_content(), PASSPHRASE) as document:
        assert len(document.pages) == 1
    assert "le mot de passe de votre centre l’ouvre" in part(read, "plain")
    assert "le mot de passe de votre centre l’ouvre" in part(read, "html")
    assert all(len(line) <= 998 for line in made.as_bytes().split(b"\r\n"))
    assert PASSPHRASE not in repr(with_page)
    assert PASSPHRASE.encode() not in made.as_bytes()
