"""Encrypts a PDF with a passphrase: AES-256 as in PDF 2.0 (ISO 32000-2, revision 6), its metadata included."""

import io
import secrets

import pikepdf


def encrypted(pdf: bytes, passphrase: str) -> bytes:
    """Give the document as only the passphrase opens it; it may then be read, printed and read aloud.

    The owner's password, which the format wants too, is random and kept nowhere.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(user=passphrase, owner=secrets.token_urlsafe(32), R=6))
    return out.getvalue()
