"""Pages are cut out of runs without reading the rows: every row is on one page, in its order."""

import pytest

from portal.services.runs import Run, cut


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
def test_the_pages_together_are_the_list(size: int) -> None:
    lengths = {"a": 3, "b": 1, "c": 7, "d": 2}
    runs = [Run(key, length) for key, length in lengths.items()]
    whole = [f"{key}{number}" for key, length in lengths.items() for number in range(length)]
    pages: list[str] = []
    for page in range(1, -(-len(whole) // size) + 1):
        lie = cut(runs, page=page, size=size)
        within = [f"{key}{number}" for key in lie.keys for number in range(lengths[key])]
        pages += within[lie.offset : lie.offset + size]
    assert pages == whole


def test_past_the_end_there_is_nothing() -> None:
    assert cut([Run("a", 3)], page=2, size=3).keys == ()
    assert cut([], page=1, size=3).keys == ()
