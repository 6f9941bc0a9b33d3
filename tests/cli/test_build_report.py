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


def test_several_recipes_are_built_by_one_command_a_line_of_json_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipes = [write_ground(tmp_path), write_town(tmp_path, 9)]
    words = ["build", *map(str, recipes), "--workspace", str(tmp_path / "var"), "--jobs", "2", "--json"]
    assert main(words) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(told) == 2
    assert all((Path(one["out"]) / "manifest.json").exists() for one in told)


def test_a_faulty_recipe_among_several_is_refused_before_the_first_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = tmp_path / "faulty.toml"
    faulty.write_text("[tileset]\n", encoding="utf-8")
    words = ["build", str(write_town(tmp_path, 9)), str(faulty), "--workspace", str(tmp_path / "var")]
    assert main(words) != 0
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "var" / "builds").exists()


def test_one_folder_takes_one_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = str(write_town(tmp_path, 9))
    assert main(["build", recipe, recipe, "--out", str(tmp_path / "out")]) != 0
    assert "takes one recipe, and 2 are given" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
