"""`make bench` names what it measures."""

from __future__ import annotations

import pytest

from bench.__main__ import names, options_of


def test_without_names_everything_is_measured() -> None:
    assert options_of([]).names == names()
    assert "city" in names()


def test_a_named_benchmark_is_measured_alone() -> None:
    assert options_of(["city"]).names == ["city"]


def test_an_unknown_benchmark_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options_of(["town"])
    assert "city" in capsys.readouterr().err
