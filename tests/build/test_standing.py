"""What a city stands on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from smap.build.executors import SerialExecutor
from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.build.recipe import Recipe, read_recipe
from smap.build.standing import Standing, stand
from smap.build.work import Clock, Work
from smap.errors import InputError
from smap.geo.geoid import undulation
from smap.scene.footprint import Footprints
from smap.store.release import Release, ReleasedTileset, write_release
from tests.build.town import SOUTH, WEST, recipe_text, write_ground, write_town


def houses(*corners: tuple[float, float], size: float = 0.0002) -> Footprints:
    """Squares by their south-west corners in degrees."""
    square = np.array([[0.0, 0.0], [size, 0.0], [size, size], [0.0, size]])
    each = np.arange(len(corners) + 1)
    lonlat = np.radians(np.concatenate([square + corner for corner in corners]))
    return Footprints(lonlat, 4 * each, each, each)


def standing(folder: Path, footprints: Footprints, more: str = "") -> Standing:
    write_town(folder)
    (folder / "town.toml").write_text(recipe_text(more))

    def built(other: Recipe) -> Path:
        return Path(build(other.path, workspace=folder / "var", progress=SilentProgress(), jobs=1).out)

    work = Work(folder / "var", folder, SerialExecutor(), SilentProgress(), Clock(), built)
    return stand(footprints, np.arange(len(footprints)), read_recipe(folder / "town.toml"), work)


def test_without_any_terrain_all_stand_on_the_geoid_and_are_warned_of(tmp_path: Path) -> None:
    found = standing(tmp_path, houses((WEST, SOUTH)))
    n = undulation(np.radians([WEST]), np.radians([SOUTH]))
    assert found.ground == pytest.approx(n, abs=1e-6)
    assert (found.source.tolist(), found.terrain) == (["none"], None)
    assert "H = 0" in found.warnings[0]


def test_a_process_forgets_the_terrain_of_a_file_that_was_replaced(tmp_path: Path) -> None:
    house, archives, found = houses((WEST, SOUTH)), [], []
    for slope in (0.1, 0.3):
        write_ground(tmp_path, slope=slope)
        standing(tmp_path, house, '[ground]\nterrain = "ground.toml"')
        newest = max((tmp_path / "var" / "builds" / "ground").glob("*/ground.3tz"), key=_age)
        archives.append(newest.read_bytes())
    for archive in archives:
        (tmp_path / "one.3tz").write_bytes(archive)
        found.append(standing(tmp_path, house, '[ground]\nterrain = "one.3tz"').ground[0])
    assert found[1] - found[0] > 50.0


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_a_house_on_a_slope_stands_at_the_mean_and_knows_the_lowest(tmp_path: Path) -> None:
    write_ground(tmp_path, slope=0.2)
    found = standing(tmp_path, houses((WEST, SOUTH), size=0.001), '[ground]\nterrain = "ground.toml"')
    rise = 0.2 * 0.001 * 111_000.0
    assert found.ground[0] - found.lowest[0] == pytest.approx(rise / 2.0, abs=0.5)
    assert found.source.tolist() == ["terrain"]
    assert found.terrain is not None
    assert found.terrain["name"] == "ground"
    assert found.warnings == ()


def test_beyond_the_terrain_its_edge_counts_and_is_flagged(tmp_path: Path) -> None:
    write_ground(tmp_path)
    away = houses((WEST, SOUTH), (WEST + 0.03, SOUTH), (WEST + 0.03, SOUTH + 0.001))
    found = standing(tmp_path, away, '[ground]\nterrain = "ground.toml"')
    assert found.source.tolist() == ["terrain", "edge", "edge"]
    assert found.figures == {"on_the_edge_of_terrain": 2}
    assert "covers 1 of 3 features" in found.warnings[0]


def test_published_terrain_is_taken_where_it_covers_the_data(tmp_path: Path) -> None:
    report = build(write_ground(tmp_path), workspace=tmp_path / "var", progress=SilentProgress(), jobs=1)
    manifest = json.loads((Path(report.out) / "manifest.json").read_text())
    path = f"builds/ground/{report.version}/ground.3tz"
    tileset = ReleasedTileset(
        name="ground",
        kind="terrain",
        version=report.version,
        path=path,
        title=manifest["title"],
        attribution="",
        bbox=tuple(manifest["bbox"]),
        entry="layer.json",
    )
    write_release(tmp_path / "var", Release("1", (tileset,)))
    here = standing(tmp_path, houses((WEST, SOUTH)))
    assert here.terrain is not None
    assert here.terrain["version"] == report.version
    assert standing(tmp_path, houses((128.0, 36.0))).terrain is None


def test_a_damaged_manifest_beside_an_archive_is_named(tmp_path: Path) -> None:
    report = build(write_ground(tmp_path), workspace=tmp_path / "var", progress=SilentProgress(), jobs=1)
    (Path(report.out) / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: damaged"):
        standing(tmp_path, houses((WEST, SOUTH)), f'[ground]\nterrain = "{report.out}/ground.3tz"')
