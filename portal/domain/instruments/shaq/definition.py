"""The modified SHAQ's items, categories, scales and options (Steen & Medsger 1997); the words stand in wordings/."""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.instruments.model import Condition, Item, ItemType, Option, Question, QuestionType
from portal.domain.instruments.options import OptionKind, OptionSpec
from portal.domain.instruments.scores import Band, Scale

CODE = "SHAQ"
RULE = "shaq.steen-medsger-1997"
RULE_VERSION = "1"
RECALL_DAYS = 7
PANEL_LOINC = "71950-0"

DIFFICULTY = (Option(0), Option(1), Option(2), Option(3))


@dataclass(frozen=True, slots=True)
class Category:
    """One of the HAQ-DI's eight: its items, the aids that raise it, and its box for another person's help."""

    code: str
    block: int
    items: tuple[str, ...]
    aids: tuple[str, ...]
    help: str


CATEGORIES = (
    Category("dressing", 1, ("HAQ0101", "HAQ0102"), ("HAQ0114",), "HAQ0119"),
    Category("arising", 1, ("HAQ0103", "HAQ0104"), ("HAQ0116",), "HAQ0120"),
    Category("eating", 1, ("HAQ0105", "HAQ0106", "HAQ0107"), ("HAQ0115",), "HAQ0121"),
    Category("walking", 1, ("HAQ0108", "HAQ0109"), ("HAQ0110", "HAQ0111", "HAQ0112", "HAQ0113"), "HAQ0122"),
    Category("hygiene", 2, ("HAQ0123", "HAQ0124", "HAQ0125"), ("HAQ0134", "HAQ0135", "HAQ0137", "HAQ0139"), "HAQ0142"),
    Category("reach", 2, ("HAQ0126", "HAQ0127"), ("HAQ0138",), "HAQ0143"),
    Category("grip", 2, ("HAQ0128", "HAQ0129", "HAQ0130"), ("HAQ0136",), "HAQ0144"),
    Category("activities", 2, ("HAQ0131", "HAQ0132", "HAQ0133"), (), "HAQ0145"),
)

LOINC = {
    "HAQ0101": "75820-1",
    "HAQ0102": "75821-9",
    "HAQ0103": "75822-7",
    "HAQ0104": "75823-5",
    "HAQ0105": "75824-3",
    "HAQ0106": "75825-0",
    "HAQ0107": "75826-8",
    "HAQ0108": "75827-6",
    "HAQ0109": "75828-4",
    "HAQ0123": "75829-2",
    "HAQ0124": "75830-0",
    "HAQ0125": "75831-8",
    "HAQ0126": "75832-6",
    "HAQ0127": "75833-4",
    "HAQ0128": "75834-2",
    "HAQ0129": "75835-9",
    "HAQ0130": "75836-7",
    "HAQ0131": "75837-5",
    "HAQ0132": "75838-3",
    "HAQ0133": "75839-1",
}

# The box "another aid" of each block, the text it opens, and the option by which staff give it to a category.
OTHER_AIDS = {1: ("HAQ0117", "HAQ0118", "other_aid_1"), 2: ("HAQ0140", "HAQ0141", "other_aid_2")}


def _codes(block: int) -> tuple[str, ...]:
    return tuple(category.code for category in CATEGORIES if category.block == block)


def _activity(number: int, link_id: str, category: str) -> Question:
    item = Item(link_id, ItemType.CHOICE, DIFFICULTY, cdisc=link_id, loinc=LOINC[link_id], category=category)
    return Question(link_id, number, QuestionType.CHOICE, (item,))


def _activities(block: int, first: int) -> tuple[Question, ...]:
    pairs = [
        (link_id, category.code) for category in CATEGORIES if category.block == block for link_id in category.items
    ]
    return tuple(_activity(number, link_id, code) for number, (link_id, code) in enumerate(pairs, first))


def _aids(block: int, number: int) -> Question:
    other, text, _ = OTHER_AIDS[block]
    boxes = tuple(
        Item(link_id, ItemType.TICK, cdisc=link_id, category=category.code)
        for category in CATEGORIES
        if category.block == block
        for link_id in category.aids
    )
    what = Item(text, ItemType.TEXT, cdisc=text, shown_when=Condition(other, True))
    return Question(
        f"SHAQAIDS{block}", number, QuestionType.TICKS, (*boxes, Item(other, ItemType.TICK, cdisc=other), what)
    )


def _help(block: int, number: int) -> Question:
    boxes = tuple(
        Item(category.help, ItemType.TICK, cdisc=category.help, category=category.code)
        for category in CATEGORIES
        if category.block == block
    )
    return Question(f"SHAQHELP{block}", number, QuestionType.TICKS, boxes)


def _vas(number: int, link_id: str) -> Question:
    cdisc = link_id if link_id.startswith("HAQ") else None  # CDISC has no SHAQ terms
    return Question(link_id, number, QuestionType.VAS, (Item(link_id, ItemType.VAS, cdisc=cdisc),))


# Each VAS and its scale; pain is not one of the five scleroderma scales.
PAIN = "HAQ0146"
VAS = {
    PAIN: "pain",
    "SHAQ01": "intestinal",
    "SHAQ02": "breathing",
    "SHAQ03": "raynaud",
    "SHAQ04": "digital_ulcers",
    "SHAQ05": "overall",
}
# Scored value = raw x 0.03, kept exact.
VAS_FACTOR = Fraction(3, 100)

QUESTIONS = (
    *_activities(1, 1),
    _aids(1, 10),
    _help(1, 11),
    *_activities(2, 12),
    _aids(2, 23),
    _help(2, 24),
    *(_vas(number, link_id) for number, link_id in enumerate(VAS, 25)),
)

# Khanna 2008, read on the unrounded value: above 1 is moderate, above 2 is severe.
SEVERITY = (Band("no_to_mild", 0, 1), Band("moderate", 1, 2), Band("severe", 2, 3))

# Threshold: Khanna 2006, upper end of 0.10-0.14.
HAQ_DI = Scale(
    "haq_di", 3, places=4, bands=SEVERITY, band_key="severity", threshold=Fraction(14, 100), loinc="75874-8", main=True
)
HAQ_DI_ALTERNATIVE = Scale("haq_di_alternative", 3, places=4)
CATEGORY_SCALES = tuple(Scale(category.code, 3, section="categories") for category in CATEGORIES)
ALTERNATIVE_SCALES = tuple(
    Scale(f"{category.code}_alternative", 3, section="categories_alternative", key=category.code)
    for category in CATEGORIES
)
VAS_SCALES = tuple(Scale(code, 3, section="vas", link_id=link_id) for link_id, code in VAS.items())
# Threshold: Daste 2019.
COMPOSITE = Scale("composite", 3, places=4, threshold=Fraction(13, 100))

SCALES = (HAQ_DI, HAQ_DI_ALTERNATIVE, *CATEGORY_SCALES, *ALTERNATIVE_SCALES, *VAS_SCALES, COMPOSITE)

OPTION_SPECS = (
    OptionSpec("category_rule", OptionKind.CHOICE, "any_item", ("any_item", "all_items")),
    OptionSpec("min_categories", OptionKind.INTEGER, 6, (1, 8)),
    OptionSpec("composite", OptionKind.CHOICE, "georges13", ("georges13", "becker6", "none")),
    OptionSpec("min_vas", OptionKind.INTEGER, 5, (1, 5)),
    OptionSpec("include_pain_vas", OptionKind.FLAG, False),
    *(
        OptionSpec(option, OptionKind.CHOICE, "none", ("none", *_codes(block)))
        for block, (_, _, option) in OTHER_AIDS.items()
    ),
)
