"""The instruments: one folder each, and the one table that lists them."""

from portal.domain.instruments import dlqi, shaq
from portal.domain.instruments.model import Instrument

_TABLE: dict[str, Instrument] = {instrument.code: instrument for instrument in (dlqi.INSTRUMENT, shaq.INSTRUMENT)}

CODES: tuple[str, ...] = tuple(_TABLE)


class UnknownInstrument(LookupError):
    """No instrument has this code."""


def get(code: str) -> Instrument:
    """Give the instrument with this code; raises UnknownInstrument, which names those there are."""
    try:
        return _TABLE[code]
    except KeyError:
        raise UnknownInstrument(f"{code!r} is no instrument; there are {', '.join(CODES)}") from None
