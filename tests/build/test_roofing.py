"""Roofs from a source's columns to tiles and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.formats.glb import GlbTile, decode_glb
from smap.store import open_tiles
from tests.build.town import house, recipe_text, write_town

FIELDS = 'roof_shape = "roof"\nroof_height = "rise"\n'


def build(folder: Path, features: list[dict[str, Any]], fields: str = FIELDS) -> BuildReport:
    write_town(folder, features)
    recipe = folder / "town.toml"
    recipe.write_text(recipe_text(fields), encoding="utf-8")
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)


def glbs(report: BuildReport) -> dict[str, bytes]:
    with open_tiles(Path(report.out) / "town.3tz") as reader:
        found = {name: reader.get(name) for name in reader.names() if name.endswith(".glb")}
    return {name: tile.identity() for name, tile in found.items() if tile is not None}


def rows_of_slopes(tile: GlbTile) -> list[int]:
    """Which rows of the property table have a face that is neither level nor upright."""
    assert tile.normals is not None
    assert tile.feature_ids is not None
    sloped = (tile.normals[:, 2] > 0.1) & (tile.normals[:, 2] < 0.98)
    return sorted(np.unique(tile.feature_ids[sloped]).tolist())


def problems(report: BuildReport) -> dict[str, Any]:
    told = json.loads((Path(report.out) / "report.json").read_text(encoding="utf-8"))
    return {p["code"]: p for p in told["city"]["problems"]}


def test_a_column_of_roofs_is_drawn_and_kept_as_a_property(tmp_path: Path) -> None:
    words = ["gabled", "giwa", "hipped", "flat", None]
    report = build(tmp_path, [house(i, tall=8.0, roof=word, rise=None) for i, word in enumerate(words)])
    (data,) = glbs(report).values()
    tile = decode_glb(data)
    assert tile.table is not None
    assert tile.table.columns["roof_shape"].values.tolist() == words
    assert "roof_height" not in tile.table.columns
    assert rows_of_slopes(tile) == [0, 1, 2]


def test_columns_that_say_nothing_of_roofs_leave_the_bytes_as_they_are(tmp_path: Path) -> None:
    plain = build(tmp_path / "a", [house(i, tall=8.0) for i in range(9)], "")
    silent = build(tmp_path / "b", [house(i, tall=8.0, roof=None, rise=None) for i in range(9)])
    assert glbs(plain) == glbs(silent)


def test_what_is_amiss_with_roofs_is_counted_with_examples(tmp_path: Path) -> None:
    features = [
        house(0, tall=8.0, roof="gabled", rise=9.5),
        house(2, tall=8.0, roof="gabled", rise=-1.0),
        house(4, tall=8.0, roof="many", rise=None),
        house(6, tall=8.0, roof="gabled", rise="steep"),
    ]
    found = problems(build(tmp_path, features))
    assert found["roof_height_above_height"]["examples"][0]["id"] == "h0"
    assert found["roof_height_not_positive"]["count"] == 1
    assert found["roof_shape_unknown"]["examples"][0]["value"] == "many"
    assert found["no_number_in_roof_height"]["count"] == 1


def test_what_a_mask_makes_a_block_has_no_roof(tmp_path: Path) -> None:
    write_town(
        tmp_path,
        [{"type": "Feature", "properties": {}, "geometry": house(0)["geometry"]}],
        name="mask.geojson",
    )
    mask = FIELDS + '[[mask]]\npath = "mask.geojson"\naction = "block"\n'
    features = [house(0, tall=8.0, roof="gabled", rise=None), house(20, tall=8.0, roof="hipped", rise=None)]
    (data,) = glbs(build(tmp_path, features, mask)).values()
    assert len(rows_of_slopes(decode_glb(data))) == 1


def test_coarser_tiles_hold_the_volume_of_pitched_roofs(tmp_path: Path) -> None:
    features = [
        house(i, tall=6.0 + i % 5, roof=["gabled", "giwa", "hipped"][i % 3], rise=None) for i in range(3000)
    ]
    report = build(tmp_path, features)
    assert report.figures["tiles_by_level"].keys() > {"0"}
    assert min(report.figures["least_share_of_volume_by_level"].values()) == pytest.approx(1.0, abs=0.05)


def test_a_parapet_stands_on_flat_roofs_where_a_recipe_asks_for_it(tmp_path: Path) -> None:
    features = [house(0, tall=8.0, roof=None, rise=None), house(2, tall=1.5, roof=None, rise=None)]
    plain, rimmed = (
        build(tmp_path / name, features, FIELDS + more)
        for name, more in (("a", ""), ("b", "[roofs]\nparapet_m = 0.9\n"))
    )
    one, other = (decode_glb(next(iter(glbs(report).values()))) for report in (plain, rimmed))
    assert len(other.triangles) - len(one.triangles) == 4 * 4
    assert one.positions[:, 2].max() == pytest.approx(other.positions[:, 2].max(), abs=0.03)
