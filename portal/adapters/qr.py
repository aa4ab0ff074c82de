"""QR codes as SVG pictures: for doors and for checking a page."""

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
