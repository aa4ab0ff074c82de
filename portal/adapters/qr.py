"""QR codes as pictures, for checking a printed page."""

import segno


def png_uri(text: str) -> str:
    """Draw `text`, with medium error correction, as a data: URL of a black and white PNG of 4 dots a module.

    A PDF takes the dots as they are, where it would take each run of modules of an SVG as a line to draw.
    """
    uri: str = segno.make(text, error="m", micro=False).png_data_uri(border=0, scale=4)
    return uri
