"""What a signature says (21 CFR 11.50: the printed name, the instant, and the meaning)."""

from enum import StrEnum


class Meaning(StrEnum):
    """What whoever signs a summary says by it.

    SEEN       he has read it
    DISCUSSED  he has read it and spoken about it with the patient
    """

    SEEN = "seen"
    DISCUSSED = "discussed"
