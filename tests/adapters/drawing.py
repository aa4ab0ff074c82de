"""What a page of a PDF draws, read from its operators and not from any template: straight lines, in millimetres."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Any

import pikepdf

_MM = 25.4 / 72
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Line:
    """A straight line that is stroked; its ends in millimetres from the page's lower left corner."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def length(self) -> float:
        """How long it is on paper, in millimetres."""
        return hypot(self.x2 - self.x1, self.y2 - self.y1)


def lines(page: pikepdf.Page) -> list[Line]:
    """Give every straight line that the page strokes."""
    return list(_lines(page.obj, page.obj.get("/Resources"), (1, 0, 0, 1, 0, 0)))


def _lines(content: Any, resources: Any, ctm: Matrix) -> Iterator[Line]:
    stack: list[Matrix] = []
    path: list[Line] = []
    here = (0.0, 0.0)
    for each in pikepdf.parse_content_stream(content):
        operands: Any = each.operands
        match str(each.operator):
            case "q":
                stack.append(ctm)
            case "Q":
                ctm = stack.pop()
            case "cm":
                ctm = _times(_numbers(operands), ctm)
            case "m":
                here = _point(operands, ctm)
            case "l":
                there = _point(operands, ctm)
                path.append(Line(*here, *there))
                here = there
            case "S" | "s" | "B" | "b":
                yield from path
                path = []
            case "n" | "f" | "f*":
                path = []
            case "Do":
                drawn = resources["/XObject"][str(operands[0])]
                if drawn.get("/Subtype") == "/Form":
                    own = _numbers(drawn.get("/Matrix", [1, 0, 0, 1, 0, 0]))
                    yield from _lines(drawn, drawn.get("/Resources", resources), _times(own, ctm))


def _numbers(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in operands)
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _point(operands: Any, ctm: Matrix) -> tuple[float, float]:
    x, y = float(operands[0]), float(operands[1])
    a, b, c, d, e, f = ctm
    return (a * x + c * y + e) * _MM, (b * x + d * y + f) * _MM
