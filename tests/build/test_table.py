"""One table of a recipe."""

from __future__ import annotations

import pytest

from smap.build.table import Table
from smap.errors import RecipeError


def test_a_refusal_names_file_table_and_key() -> None:
    with pytest.raises(RecipeError, match=r"^a\.toml: \[x\.y\] z: 3 is not a text"):
        Table({"y": {"z": 3}}, "a.toml", "x").table("y").text("z")


def test_absent_keys_have_their_defaults() -> None:
    table = Table({}, "a.toml", "")
    assert (table.text("a"), table.number("b"), table.positive("c", 2.0)) == (None, None, 2.0)
    assert (table.texts("d"), table.words("e"), table.numbers("f", 2), table.tables("g")) == (
        (),
        {},
        None,
        [],
    )


@pytest.mark.parametrize("value", [True, "3", float("nan"), float("inf"), [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(RecipeError, match="is not a number"):
        Table({"n": value}, "a.toml", "").number("n")


def test_a_bare_text_stands_for_both_languages() -> None:
    assert Table({"title": "서울"}, "a.toml", "").words("title") == {"ko": "서울", "en": "서울"}


def test_long_values_are_cut_short() -> None:
    with pytest.raises(RecipeError) as refusal:
        Table({"n": "x" * 500}, "a.toml", "").number("n")
    assert len(str(refusal.value)) < 120
