"""`make bench` names what it measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import names, options_of


def test_without_names_everything_is_measured_the_city_first() -> None:
    assert options_of([]).names == names()
    assert names()[0] == "city"
    assert {"judges", "picking", "seating"} <= set(names())


def test_a_named_benchmark_is_measured_alone_where_the_city_is_built(tmp_path: Path) -> None:
    words = ["judges", "--work", str(tmp_path)]
    assert options_of(words).names == ["city", "judges"]
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "current").touch()
    assert options_of(words).names == ["judges"]


def test_an_unknown_benchmark_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_of(["town"])
    assert "city" in capsys.readouterr().err
