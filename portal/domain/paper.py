"""What holds for questionnaires on paper, wherever they are printed, measured or keyed in."""

LAYOUT = 1
"""Counts up whenever blank questionnaires come to look otherwise, so that each is rendered anew."""

VAS_MM = 150
"""How long the line of a scale is on paper: a mark is read off in millimetres from its left end."""

CONTROL_MM = 100
"""How long the line at the foot of each page is, by which anyone sees that a page was printed at another size."""
