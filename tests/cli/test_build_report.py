"""`smap build` says where its page is, and `--json` carries the same figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smap.cli.main import main
from tests.build.town import write_ground
from tests.cli.town import write_town


def built(folder: Path, *more: str) -> None:
    recipe = write_town(folder, 9)
    assert main(["build", str(recipe), "--workspace", str(folder / "var"), "--jobs", "1", *more]) == 0


def test_the_text_ends_with_the_place_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built(tmp_path)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("report: ")
    assert Path(last.removeprefix("report: ")).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_json_tells_what_the_page_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built(tmp_path, "--json")
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    beside = json.loads((Path(told["out"]) / "report.json").read_text(encoding="utf-8"))
    assert told["city"] == beside["city"]
    assert set(told["city"]) == {"height_steps_m", "heights", "estimate", "levels", "problems"}


def test_a_terrain_has_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terrain = write_ground(tmp_path)
    assert main(["build", str(terrain), "--workspace", str(tmp_path / "var"), "--jobs", "1"]) == 0
    assert "report:" not in capsys.readouterr().out
