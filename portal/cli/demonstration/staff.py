"""The demonstration's staff: a nurse and an investigator at each site, and a data manager for both."""

from dataclasses import dataclass

from portal.domain.roles import Role


@dataclass(frozen=True)
class Colleague:
    """One invented member of staff."""

    name: str
    email: str
    role: Role
    sites: tuple[str, ...]
    language: str


COLLEAGUES = (
    Colleague("Inès Morel", "nurse.01@demo.example", Role.NURSE, ("01",), "fr"),
    Colleague("Dr Paul Lenoir", "investigator.01@demo.example", Role.INVESTIGATOR, ("01",), "fr"),
    Colleague("Maude Keller", "nurse.02@demo.example", Role.NURSE, ("02",), "fr"),
    Colleague("Dr Anna Brandt", "investigator.02@demo.example", Role.INVESTIGATOR, ("02",), "en"),
    Colleague("Samir Haddad", "data@demo.example", Role.DATA_MANAGER, ("01", "02"), "fr"),
)
