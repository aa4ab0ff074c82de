"""The codes of a door: all derived by HMAC-SHA256 from its id and one secret, so that none of them is stored.

A link's token is the id and its seal; the short code is for reading aloud (Crockford's base 32, with a check
character); the personal code is six digits, given on paper and apart from the link. The token by which a participant
is written to no more is her own id and its seal.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT_CODE_LENGTH = 8
PERSONAL_CODE_LENGTH = 6

_SEAL_LENGTH = 16  # bytes: 128 bits cannot be guessed
_LOOK_ALIKES = str.maketrans("OIL", "011")
_FIELD = 0b100101  # x^5 + x^2 + 1: the 32 characters as a field in which 2 generates all but zero


def token(secret: str, door_id: UUID) -> str:
    """Give the 43 characters of a door's link."""
    return _sealed(secret, "token", door_id)


def find_door(secret: str, text: str) -> UUID | None:
    """Give the id that a token names, None when its seal is not ours; takes the same time for every wrong one."""
    return _unsealed(secret, "token", text)


def stop_token(secret: str, participant_id: UUID) -> str:
    """Give the 43 characters of the link by which a participant is written to no more; it outlives her doors."""
    return _sealed(secret, "stop", participant_id)


def find_stopper(secret: str, text: str) -> UUID | None:
    """Give the id of the participant whose link to stop this is, None when its seal is not ours."""
    return _unsealed(secret, "stop", text)


def _sealed(secret: str, purpose: str, subject: UUID) -> str:
    sealed = subject.bytes + _seal(secret, purpose, subject.bytes)[:_SEAL_LENGTH]
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _unsealed(secret: str, purpose: str, text: str) -> UUID | None:
    try:
        sealed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    if len(sealed) != 16 + _SEAL_LENGTH:
        return None
    genuine = hmac.compare_digest(sealed[16:], _seal(secret, purpose, sealed[:16])[:_SEAL_LENGTH])
    return UUID(bytes=sealed[:16]) if genuine else None


def short_code(secret: str, door_id: UUID) -> str:
    """Give the door's eight characters as they are shown: XXXX-XXXX; the last one checks the others."""
    number = int.from_bytes(_seal(secret, "short code", door_id.bytes)[:5])
    signs = [number >> 5 * place & 31 for place in range(SHORT_CODE_LENGTH - 1)]
    check = _times_two(_remainder(signs))
    text = "".join(ALPHABET[sign] for sign in [*signs, check])
    return f"{text[:4]}-{text[4:]}"


def read_short_code(text: str) -> str | None:
    """Give a typed short code as it is shown, None when its check character says that it was mistyped.

    Case, spaces and hyphens do not matter, nor does O for 0 or I and L for 1.
    """
    typed = "".join(text.upper().split()).replace("-", "").translate(_LOOK_ALIKES)
    if len(typed) != SHORT_CODE_LENGTH or any(sign not in ALPHABET for sign in typed):
        return None
    if _remainder([ALPHABET.index(sign) for sign in typed]) != 0:
        return None
    return f"{typed[:4]}-{typed[4:]}"


def short_code_digest(secret: str, code: str) -> str:
    """Give the 64 digits under which a short code is found; keyed, because 35 bits alone could be tried out."""
    return _seal(secret, "short code digest", code.encode()).hex()


def personal_code(secret: str, door_id: UUID) -> str:
    """Give the door's six digits."""
    number = int.from_bytes(_seal(secret, "personal code", door_id.bytes)) % 10**PERSONAL_CODE_LENGTH
    return f"{number:0{PERSONAL_CODE_LENGTH}}"


def read_personal_code(text: str) -> str:
    """Give the digits of a typed code without spaces, dots and hyphens between them."""
    return "".join(text.split()).replace(".", "").replace("-", "")


def phantom(secret: str, text: str) -> UUID:
    """Give the id of the door that a made-up link or code would open: always the same one, and nobody's.

    Of the same version as real ones: it stands in the cookie of whoever waits before the door, who can read it.
    """
    return UUID(bytes=_seal(secret, "phantom", text.encode("utf-8", "replace"))[:16], version=4)


def _seal(secret: str, purpose: str, data: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode() + b"\0" + data, hashlib.sha256)


def _remainder(signs: list[int]) -> int:
    """Read the signs as a polynomial at 2: any one wrong sign, and any two exchanged, change the result."""
    result = 0
    for sign in signs:
        result = _times_two(result) ^ sign
    return result


def _times_two(sign: int) -> int:
    doubled = sign << 1
    return doubled ^ _FIELD if doubled & 32 else doubled
