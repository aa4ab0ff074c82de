"""QR codes as pictures: to check a printed page by, and to come in with."""

import segno

_MASK = 4


def png_uri(text: str) -> str:
    """Draw `text`, with medium error correction, as a data: URL of a black and white PNG of 4 dots a module.

    A PDF takes the dots as they are, where it would take each run of modules of an SVG as a line to draw.  One mask for
    all: a reader takes any, and to weigh all eight against each other takes thrice as long as all the rest.
    """
    uri: str = segno.make(text, error="m", micro=False, mask=_MASK).png_data_uri(border=0, scale=4)
    return uri


def svg_uri(text: str) -> str:
    """Draw `text` as a data: URL of an SVG, black on white with the quiet zone of four modules around it.

    A quarter of it may be lost to a fold or a stain (error correction Q).
    """
    code = segno.make(text, error="q", boost_error=False, micro=False)
    uri: str = code.svg_data_uri(border=4, dark="#000", light="#fff", encode_minimal=True, omitsize=True)
    return uri
