"""`smap demo`: on one's own files, a second time, and where a real city lies already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smap.cli.main import main
from tests.cli.town import write_town
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of somebody's own files and the workspace in which a demo showed them."""
    folder = tmp_path_factory.mktemp("own")
    write_town(folder / "data", 30)
    (folder / "data" / "town.toml").unlink()
    words = ["demo", "--build-only", "--data", str(folder / "data"), "--workspace", str(folder / "var")]
    assert main(words) == 0
    return folder / "data", folder / "var"


def state(workspace: Path) -> dict[str, int]:
    files = [p for p in workspace.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm"))]
    return {str(p.relative_to(workspace)): p.stat().st_mtime_ns for p in files}


def test_own_files_become_a_published_city_with_the_content(shown: tuple[Path, Path]) -> None:
    _, workspace = shown
    release = json.loads(next((workspace / "releases").glob("*.json")).read_text(encoding="utf-8"))
    assert {tileset["kind"] for tileset in release["tilesets"]} == {"terrain", "buildings"}
    assert (workspace / "content.db").exists()


def test_on_own_ground_the_wall_is_the_curated_one(shown: tuple[Path, Path], tmp_path: Path) -> None:
    _, workspace = shown
    words = ["content", "export", str(tmp_path / "wall.geojson"), "--layer", "wall"]
    assert main([*words, "--workspace", str(workspace)]) == 0
    exported, curated = (
        json.loads(path.read_text(encoding="utf-8"))["features"]
        for path in (tmp_path / "wall.geojson", ROOT / "content" / "wall.geojson")
    )
    points = {f["id"]: f["geometry"]["coordinates"] for f in exported}
    assert points == {f["id"]: f["geometry"]["coordinates"] for f in curated}


def test_a_second_time_nothing_is_built(shown: tuple[Path, Path]) -> None:
    data, workspace = shown
    before = state(workspace)
    assert main(["demo", "--build-only", "--data", str(data), "--workspace", str(workspace)]) == 0
    assert state(workspace) == before


def test_a_published_city_that_no_demo_made_is_left_alone(
    shown: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "current").write_text("{}", encoding="utf-8")
    assert main(["demo", "--build-only", "--workspace", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "--workspace DIR" in told
    assert [p.name for p in tmp_path.iterdir()] == ["current"]


def test_data_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["demo", "--build-only", "--data", str(tmp_path / "gone"), "--workspace", str(tmp_path / "var")]
    assert main(words) == 2
    assert "there is no such file or folder" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()
