"""Draw the icons that a phone puts on its home screen, as PNG files beside their source, portal/web/static/icon.svg.

scripts/draw_icons.py     after a change of icon.svg; commit what it writes
"""

import shutil
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "portal/web/static"
SOURCE = FOLDER / "icon.svg"
COLOURS = 32  # two colours and the shades between them: a third of the bytes of a full palette

DRAWN = {"icon-192.png": 192, "icon-512.png": 512}
"""Icons as they are, with their round corners; pixels."""
MASKED = {"icon-180-masked.png": 180, "icon-512-masked.png": 512}
"""Icons that the phone cuts to its own shape: coloured to the edge, the drawing inside a circle of 80 %; pixels."""


def masked(drawing: str) -> str:
    """Let the ground reach every edge, and draw the rest smaller."""
    return drawing.replace(' rx="14"', "").replace("<g>", '<g transform="translate(5 5) scale(.84)">')


def draw(page: Page, drawing: str, size: int) -> bytes:
    """Give an SVG drawing as a PNG of a few colours, `size` pixels wide and high."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{size}px}}</style>{drawing}")
    shot = Image.open(BytesIO(page.screenshot(omit_background=True)))
    png = BytesIO()
    shot.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(png, "PNG", optimize=True)
    return png.getvalue()


def main() -> None:
    """Write every icon."""
    drawing = SOURCE.read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for source, sizes in ((drawing, DRAWN), (masked(drawing), MASKED)):
            for name, size in sizes.items():
                png = draw(page, source, size)
                (FOLDER / name).write_bytes(png)
                print(f"{name}: {len(png)} bytes")
        browser.close()


if __name__ == "__main__":
    main()
