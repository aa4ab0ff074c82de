"""QR codes as pictures: for doors and for checking a page."""

import io

import segno


def svg(text: str, *, border: int = 0) -> str:
    """Draw `text` as a QR code with medium error correction, `border` modules of white around it."""
    picture = io.BytesIO()
    # Without fixed width and height it takes the size its <img> is given.
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", border=border, xmldecl=False, svgns=True, omitsize=True, svgclass=None, lineclass=None
    )
    return picture.getvalue().decode()


def png_uri(text: str) -> str:
    """Draw `text` as svg() would, but as a data: URL of a black and white PNG of 4 dots a module: for paper.

    A PDF takes the dots as they are, where it would take each run of modules of an SVG as a line to draw.
    """
    return segno.make(text, error="m", micro=False).png_data_uri(border=0, scale=4)
