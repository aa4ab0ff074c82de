"""Who may do what at a site; each view declares the roles it is open to."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is at one site."""

    NURSE = "nurse"
    INVESTIGATOR = "investigator"
    DATA_MANAGER = "data-manager"
