"""Seals what a page carries from one step to the next: nobody reads it, nobody changes it, and it lasts for a while."""

import base64
import hashlib
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken


class SealBrokenError(Exception):
    """What came back is not what was sealed, or is too old."""


def seal(data: bytes, *, secret: str, purpose: str, at: datetime) -> str:
    """Give `data` as text that only this portal opens, and for this purpose only."""
    return _fernet(secret, purpose).encrypt_at_time(data, int(at.timestamp())).decode()


def unseal(text: str, *, secret: str, purpose: str, within: timedelta, at: datetime) -> bytes:
    """Give what was sealed no longer ago than `within`.  Raises SealBrokenError."""
    try:
        return _fernet(secret, purpose).decrypt_at_time(
            text, ttl=int(within.total_seconds()), current_time=int(at.timestamp())
        )
    except InvalidToken:
        raise SealBrokenError from None


def _fernet(secret: str, purpose: str) -> Fernet:
    key = hashlib.sha256(f"seal:{purpose}:{secret}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
