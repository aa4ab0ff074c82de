"""What a pack of paper is to hold, as plain data that goes from a web process to the one that makes the pack."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class PartKind(StrEnum):
    """What a part of a pack is: a summary's document, a slip in its place, or a blank questionnaire."""

    SUMMARY = "summary"
    SIGNED = "signed"
    SLIP = "slip"
    BLANK = "blank"


@dataclass(frozen=True)
class Part:
    """One part for a visit; `name` is an edition or a questionnaire, `document` the key of what is kept of it."""

    kind: PartKind
    language: str
    name: str = ""
    document: str = ""


@dataclass(frozen=True)
class Sheaf:
    """All paper of one visit, in its order.

    Days are ISO 8601, addresses lead staff to the visit; `labels` name the visit by language, `note` is a code that the
    cover puts into words; `telephone` is the patient's own, only when it was asked for.
    """

    participant_number: str
    labels: Mapping[str, str]
    planned_on: str
    language: str
    keying_url: str
    reaching_url: str
    parts: tuple[Part, ...]
    begun: bool = False
    note: str = ""
    telephone: str = ""
    hour: str = ""


@dataclass(frozen=True)
class SiteFacts:
    """The site whose paper it is, and the number that its patients ring."""

    name: str
    telephone: str


@dataclass(frozen=True)
class Pack:
    """A pack for staff who read `language`; without a cover it is the paper of one visit."""

    language: str
    site: SiteFacts
    at: str
    time_zone: str
    made_by: str
    day: str
    sheaves: tuple[Sheaf, ...]
    cover: bool = False
    both_sides: bool = False


@dataclass(frozen=True)
class Recipe:
    """What a document can be made of when nobody has kept it yet: a summary's page, or a wording for a blank form."""

    summary: Mapping[str, Any] | None = None
    wording: Mapping[str, Any] | None = None
    large: bool = False


@dataclass(frozen=True)
class Order:
    """A pack, and where its documents come from: from behind this order with their sizes, or made by a recipe."""

    pack: Pack
    sizes: Mapping[str, int] = field(default_factory=dict)
    recipes: Mapping[str, Recipe] = field(default_factory=dict)


def to_json(order: Order) -> dict[str, Any]:
    """Give an order as plain JSON values."""
    return asdict(order)


def from_json(plain: Mapping[str, Any]) -> Order:
    """Read back what to_json gave."""
    pack = dict(plain["pack"])
    site = SiteFacts(**pack.pop("site"))
    sheaves = tuple(_sheaf(each) for each in pack.pop("sheaves"))
    recipes = {key: Recipe(**each) for key, each in plain["recipes"].items()}
    return Order(Pack(**pack, site=site, sheaves=sheaves), plain["sizes"], recipes)


def _sheaf(plain: Mapping[str, Any]) -> Sheaf:
    parts: Sequence[Mapping[str, Any]] = plain["parts"]
    return Sheaf(**{**plain, "parts": tuple(Part(**{**each, "kind": PartKind(each["kind"])}) for each in parts)})
