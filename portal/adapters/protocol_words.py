"""What looks wrong in a protocol, in words for a terminal or a file."""

import html
from collections.abc import Sequence

from portal.adapters.localisation import environment
from portal.domain.protocol_faults import ProtocolFault


def told(faults: Sequence[ProtocolFault], language: str) -> str:
    """Say each fault with its key in the study file, what to change, and for whom it shows; ends with a line's end."""
    text = environment(language).get_template("simulation/faults.txt").render(faults=faults)
    return html.unescape(text).strip() + "\n"  # the words stand in .html components
