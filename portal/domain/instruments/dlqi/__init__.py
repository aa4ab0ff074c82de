"""All about the DLQI: its definition, scoring, words and sources."""

from portal.domain.instruments.dlqi import definition
from portal.domain.instruments.dlqi.scoring import score
from portal.domain.instruments.model import Instrument

INSTRUMENT = Instrument(
    code=definition.CODE,
    rule=definition.RULE,
    rule_version=definition.RULE_VERSION,
    recall_days=definition.RECALL_DAYS,
    questions=definition.QUESTIONS,
    scales=definition.SCALES,
    option_specs=definition.OPTION_SPECS,
    scorer=score,
    shortest_gap_days=definition.SHORTEST_GAP_DAYS,
)
