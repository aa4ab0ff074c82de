"""The DLQI's items, scales and options (Finlay & Khan 1994); the words stand in wordings/."""

from fractions import Fraction

from portal.domain.instruments.model import NOT_RELEVANT, Condition, Item, ItemType, Option, Question, QuestionType
from portal.domain.instruments.options import OptionKind, OptionSpec
from portal.domain.instruments.scores import Band, Scale

CODE = "DLQI"
RULE = "dlqi.finlay-khan-1994"
RULE_VERSION = "1"
RECALL_DAYS = 7
SHORTEST_GAP_DAYS = 7

# The printed order, which is fixed.
SCORED = (Option(3), Option(2), Option(1), Option(0))
SCORED_OR_NOT_RELEVANT = (*SCORED, Option(NOT_RELEVANT))


def _question(number: int, options: tuple[Option, ...], *, sensitive: bool = False) -> Question:
    link_id = f"DLQI1{number:02}"
    item = Item(link_id, ItemType.CHOICE, options, cdisc=link_id, sensitive=sensitive)
    return Question(link_id, number, QuestionType.CHOICE, (item,))


# Question 7 is two answers, never one field of 0 to 3.
PREVENTED = Question(
    "DLQI107",
    7,
    QuestionType.CHOICE,
    (Item("DLQI107", ItemType.CHOICE, (Option("Y"), Option("N"), Option(NOT_RELEVANT)), cdisc="DLQI107"),),
)
HOW_MUCH = Question(
    "DLQI107A",
    7,
    QuestionType.CHOICE,
    (
        Item(
            "DLQI107A",
            ItemType.CHOICE,
            (Option(2), Option(1), Option(0)),
            cdisc="DLQI107A",
            shown_when=Condition("DLQI107", "N"),
        ),
    ),
)

QUESTIONS = (
    _question(1, SCORED),
    _question(2, SCORED),
    _question(3, SCORED_OR_NOT_RELEVANT),
    _question(4, SCORED_OR_NOT_RELEVANT),
    _question(5, SCORED_OR_NOT_RELEVANT),
    _question(6, SCORED_OR_NOT_RELEVANT),
    PREVENTED,
    HOW_MUCH,
    _question(8, SCORED_OR_NOT_RELEVANT),
    _question(9, SCORED_OR_NOT_RELEVANT, sensitive=True),
    _question(10, SCORED_OR_NOT_RELEVANT),
)

# Hongbo 2005, J Invest Dermatol 125:659.
BANDS = (
    Band("no_effect", 0, 1),
    Band("small", 2, 5),
    Band("moderate", 6, 10),
    Band("very_large", 11, 20),
    Band("extremely_large", 21, 30),
)

# Basra 2015, Dermatology 230:27.
TOTAL = Scale("total", 30, bands=BANDS, threshold=Fraction(4), cdisc="DLQI111", main=True)
DLQI_R = Scale("dlqi_r", 30, places=2)

# Each subscore with the questions, by number, that it adds up.
SUBSCALES = (
    (Scale("symptoms_feelings", 6, section="subscales", cdisc="DLQI112"), (1, 2)),
    (Scale("daily_activities", 6, section="subscales", cdisc="DLQI113"), (3, 4)),
    (Scale("leisure", 6, section="subscales", cdisc="DLQI114"), (5, 6)),
    (Scale("work_school", 3, section="subscales", cdisc="DLQI115"), (7,)),
    (Scale("personal_relationships", 6, section="subscales", cdisc="DLQI116"), (8, 9)),
    (Scale("treatment", 3, section="subscales", cdisc="DLQI117"), (10,)),
)

SCALES = (TOTAL, *(scale for scale, _ in SUBSCALES), DLQI_R)

OPTION_SPECS = (
    OptionSpec("missing_rule", OptionKind.CHOICE, "cardiff", ("cardiff", "strict")),
    # Whether the DLQI-R is reported on the summary; the value is computed either way.
    OptionSpec("dlqi_r", OptionKind.FLAG, False),
)
