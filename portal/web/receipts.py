"""The number on a receipt: short enough to be read aloud, and nothing about anyone's health in it."""

from uuid import UUID


def receipt_number(response_id: UUID) -> str:
    """Give the first eight digits of a response's id, XXXX-XXXX."""
    digits = response_id.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"
