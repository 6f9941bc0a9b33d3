"""Buildings with surfaces of their own, from a file to tiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.formats.glb import GlbTile, decode_glb
from smap.geo.ellipsoid import from_ecef
from smap.geo.geoid import undulation
from smap.store import open_tiles
from tests.scene.shapes import CITY_HALL, METRES
from tests.sources.gml import city, gabled, write

RECIPE = """
[tileset]
name = "town"
kind = "buildings"
attribution = "made for tests"
[[source]]
path = "a.gml"
preset = "citygml"
"""

PLAIN = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"x1","height":9.0},'
    '"geometry":{"type":"Polygon","coordinates":[[[126.979,37.567],[126.9791,37.567],[126.9791,37.5671],'
    "[126.979,37.5671],[126.979,37.567]]]}}]}"
)


def build(folder: Path, text: str, more: str = "") -> BuildReport:
    write(folder / "a.gml", text)
    recipe = folder / "town.toml"
    recipe.write_text(RECIPE + more, encoding="utf-8")
    return pipeline.build(recipe, workspace=folder / "var", progress=SilentProgress(), jobs=1)


def leaf(report: BuildReport) -> GlbTile:
    with open_tiles(Path(report.out) / "town.3tz") as reader:
        (name,) = (name for name in reader.names() if name.endswith(".glb"))
        tile = reader.get(name)
    assert tile is not None
    return decode_glb(tile.identity())


def points_of(tile: GlbTile) -> np.ndarray:
    lon, lat, height = from_ecef(tile.ecef())
    return np.column_stack([(np.stack([lon, lat], axis=-1) - CITY_HALL) * METRES, height])


def volume(tile: GlbTile) -> float:
    """m³ of what is closed but for a level floor at its lowest."""
    points = points_of(tile)
    points = points - [0.0, 0.0, points[:, 2].min()]
    a, b, c = (points[tile.triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def test_surfaces_are_drawn_at_the_height_that_they_were_surveyed_at(tmp_path: Path) -> None:
    report = build(tmp_path, city(gabled(base=30.0)))
    heights = points_of(leaf(report))[:, 2]
    above = undulation(CITY_HALL[:1], CITY_HALL[1:])[0]
    assert heights.max() == pytest.approx(36.0 + above, abs=0.03)
    assert report.figures["at_their_own_height"] == 1
    assert report.figures["surface_triangles"] == {"roof": 4, "wall": 10, "ground": 2}


def test_walls_go_on_into_the_ground_below_them_and_nobody_sees_a_floor(tmp_path: Path) -> None:
    # without terrain the ground lies at H = 0, where walls end a metre deeper
    tile = leaf(build(tmp_path, city(gabled(base=30.0))))
    assert volume(tile) == pytest.approx(10.0 * 8.0 * (31.0 + 4.0 + 1.0), rel=0.005)
    assert tile.normals is not None
    assert tile.normals[:, 2].min() > -0.01


def test_without_a_datum_they_stand_on_the_ground_and_that_is_told(tmp_path: Path) -> None:
    report = build(tmp_path, city(gabled(base=230.0), srs="urn:ogc:def:crs:EPSG::5186"))
    tile = leaf(report)
    assert np.ptp(points_of(tile)[:, 2]) == pytest.approx(7.0, abs=0.03)
    assert volume(tile) == pytest.approx(10.0 * 8.0 * (1.0 + 4.0 + 1.0), rel=0.005)
    assert any(line.startswith("vertical_datum_unresolved") for line in report.warnings)


def test_buildings_with_and_without_surfaces_keep_their_rows(tmp_path: Path) -> None:
    (tmp_path / "b.geojson").write_text(PLAIN, encoding="utf-8")
    more = '[[source]]\npath = "b.geojson"\nname = "other"\n[source.fields]\nid = "id"\nheight = "height"\n'
    tile = leaf(build(tmp_path, city(gabled()), more))
    assert tile.table is not None
    assert tile.feature_ids is not None
    assert tile.normals is not None
    ids = tile.table.columns["smap_id"].values.tolist()
    assert sorted(ids) == ["citygml:b1", "other:x1"]
    sloped = (tile.normals[:, 2] > 0.1) & (tile.normals[:, 2] < 0.98)
    assert {ids[row] for row in tile.feature_ids[sloped].tolist()} == {"citygml:b1"}


def kinds_of(tile: GlbTile) -> np.ndarray:
    """What each triangle was surveyed as; all its corners agree."""
    (surveyed,) = tile.sets
    assert surveyed.label == "surface"
    ids = surveyed.ids[tile.triangles]
    assert (ids == ids[:, :1]).all()
    names = np.array([*surveyed.table.columns["surface"].names, "none"])
    return np.asarray(names[ids[:, 0]])


def slopes_of(tile: GlbTile) -> np.ndarray:
    points = points_of(tile)
    a, b, c = (points[tile.triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    return np.asarray(normal[:, 2] / np.linalg.norm(normal, axis=1))


def test_the_tile_tells_roofs_from_walls_and_counts_what_goes_on_into_the_ground_as_walls(
    tmp_path: Path,
) -> None:
    tile = leaf(build(tmp_path, city(gabled(base=30.0))))
    kinds, slopes = kinds_of(tile), slopes_of(tile)
    assert (kinds == "roof").sum() == 4
    assert (slopes[kinds == "roof"] > 0.5).all()
    assert (np.abs(slopes[kinds == "wall"]) < 0.05).all()
    assert set(kinds) == {"roof", "wall"}


def test_a_flat_roof_is_a_roof_by_its_name_though_what_it_borders_is_as_level(tmp_path: Path) -> None:
    text = city(gabled()).replace("bldg:RoofSurface", "bldg:OuterCeilingSurface", 2)
    kinds = kinds_of(leaf(build(tmp_path, text)))
    assert (kinds == "roof").sum() == 2


def test_what_was_not_surveyed_has_no_kind_and_files_without_surfaces_not_a_byte_of_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "b.geojson").write_text(PLAIN, encoding="utf-8")
    more = '[[source]]\npath = "b.geojson"\nname = "other"\n[source.fields]\nid = "id"\nheight = "height"\n'
    tile = leaf(build(tmp_path, city(gabled()), more))
    assert tile.table is not None
    assert tile.feature_ids is not None
    ids = tile.table.columns["smap_id"].values[tile.feature_ids[tile.triangles[:, 0]]]
    kinds = kinds_of(tile)
    assert set(kinds[ids == "other:x1"]) == {"none"}
    assert set(kinds[ids == "citygml:b1"]) == {"roof", "wall"}
    (tmp_path / "town.toml").write_text(RECIPE.partition("[[source]]")[0] + more, encoding="utf-8")
    plain = leaf(
        pipeline.build(tmp_path / "town.toml", workspace=tmp_path / "var", progress=SilentProgress(), jobs=1)
    )
    assert plain.sets == ()


def test_what_a_mask_makes_a_block_has_no_surfaces(tmp_path: Path) -> None:
    (tmp_path / "m.geojson").write_text(
        '{"type":"Polygon","coordinates":[[[126.97,37.56],[126.99,37.56],[126.99,37.57],[126.97,37.57],'
        "[126.97,37.56]]]}",
        encoding="utf-8",
    )
    tile = leaf(build(tmp_path, city(gabled()), '[[mask]]\npath = "m.geojson"\naction = "block"\n'))
    assert tile.normals is not None
    assert not ((tile.normals[:, 2] > 0.1) & (tile.normals[:, 2] < 0.98)).any()
