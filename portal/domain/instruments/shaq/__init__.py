"""All about the modified SHAQ: its definition, scoring, words and sources."""

from portal.domain.instruments.model import Instrument
from portal.domain.instruments.shaq import definition
from portal.domain.instruments.shaq.scoring import score

INSTRUMENT = Instrument(
    code=definition.CODE,
    rule=definition.RULE,
    rule_version=definition.RULE_VERSION,
    recall_days=definition.RECALL_DAYS,
    questions=definition.QUESTIONS,
    scales=definition.SCALES,
    option_specs=definition.OPTION_SPECS,
    scorer=score,
    loinc=definition.PANEL_LOINC,
)
