"""The whole sample: made side by side in two processes, it is complete and its ground comes first."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from smap.build.executors import ProcessExecutor
from smap.sample.landmarks import FACTS as FACTS_FILE
from smap.sample.landmarks import read_landmarks, write_landmark
from smap.sample.whole import write_whole
from tests.sample.conftest import CONTENT, FACTS


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    executor = ProcessExecutor(2)
    try:
        return write_whole(FACTS, CONTENT, tmp_path_factory.mktemp("whole"), executor.map)
    finally:
        executor.close()


def test_the_ground_is_built_first_and_no_recipe_comes_twice(recipes: list[Path]) -> None:
    assert recipes[0].name == "ground.toml"
    assert len(set(recipes)) == len(recipes)
    beside = {path.name for path in recipes[0].parent.glob("*.toml")}
    # The demo does without its base map: docs/decisions/0012
    assert {path.name for path in recipes} | {"basemap.toml"} == beside
    assert "basemap.toml" not in {path.name for path in recipes}


def test_every_file_that_a_recipe_names_is_there(recipes: list[Path]) -> None:
    named = [path.parent / name for path in recipes for name in _files(tomllib.loads(path.read_text()))]
    assert len(named) > 300
    assert [path for path in named if not path.exists()] == []


def test_other_processes_make_the_same_bytes(recipes: list[Path], tmp_path: Path) -> None:
    landmark = next(one for one in read_landmarks(FACTS / FACTS_FILE) if one.form == "gate")
    write_landmark(landmark, tmp_path)
    here = sorted((tmp_path / "landmarks").glob("*.glb"))
    assert here
    assert all((recipes[0].parent / "landmarks" / p.name).read_bytes() == p.read_bytes() for p in here)


def _files(recipe: dict[str, Any]) -> list[str]:
    sources = recipe.get("source", [])
    found: list[str] = []
    for source in sources if isinstance(sources, list) else [sources]:
        found += [source["path"], *source.get("coarser", [])]
    return found
