"""The sample: written facts become ordinary source files, always the same, and streets stay free."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from smap.sample.fabric import make_houses
from smap.sample.facts import Facts, read_facts
from smap.sample.ground import heights_at
from smap.sample.write import write_sample
from tests.conftest import ROOT

FACTS = ROOT / "tiles" / "sample"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return read_facts(FACTS / "facts.toml")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_sample(FACTS, out)
    return out


def test_every_summit_keeps_its_written_height_and_place(facts: Facts) -> None:
    for summit in facts.summits:
        around = summit.xy + np.stack(np.meshgrid(np.arange(-60, 61, 5), np.arange(-60, 61, 5)), -1)
        heights = heights_at(facts, around)
        # the sample's own limit for a peak: 5 m in height, 60 m in place
        assert abs(heights.max() - summit.height_m) < 5.0
        assert abs(float(heights_at(facts, summit.xy[None])[0]) - summit.height_m) < 5.0


def test_no_two_houses_overlap(facts: Facts) -> None:
    boxes = shapely.polygons(make_houses(facts).corners)
    tree = shapely.STRtree(boxes)
    one, other = tree.query(boxes, predicate="overlaps")
    assert len(one) == 0, (one[:5], other[:5])


def test_no_house_stands_on_a_street_a_stream_or_in_a_court(facts: Facts) -> None:
    houses = shapely.polygons(make_houses(facts).corners)
    kept_free = [
        shapely.buffer(shapely.linestrings(line.xy), line.width_m / 2)
        for line in (*facts.streets, *facts.streams)
    ]
    kept_free += [
        shapely.box(*(court.xy - np.array(court.half_m)), *(court.xy + np.array(court.half_m)))
        for court in facts.courts
    ]
    assert not shapely.intersects(shapely.union_all(kept_free), houses).any()


def test_the_sample_has_a_city_s_worth_of_houses(facts: Facts) -> None:
    assert 5_000 < len(make_houses(facts).height_m) < 30_000


def test_gdal_reads_the_ground_as_a_georeferenced_elevation(written: Path, facts: Facts) -> None:
    with rasterio.open(written / "ground.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.nodata == -9999
        assert raster.bounds.left == pytest.approx(facts.bounds_deg[0], abs=1e-9)
        assert raster.bounds.top == pytest.approx(facts.bounds_deg[3], abs=1e-9)
        heights = raster.read(1)
    assert 20 < heights.min() < 40
    assert 330 < heights.max() < 347


def test_the_houses_are_plain_geojson_lines_with_unique_ids(written: Path) -> None:
    lines = (written / "buildings.geojsonl").read_text(encoding="utf-8").splitlines()
    features = [json.loads(line) for line in lines]
    assert len({f["properties"]["id"] for f in features}) == len(features)
    assert all(f["geometry"]["coordinates"][0][0] == f["geometry"]["coordinates"][0][-1] for f in features)


def test_the_same_facts_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_sample(FACTS, tmp_path)
    for name in ("ground.tif", "buildings.geojsonl"):
        first, second = (hashlib.sha256((f / name).read_bytes()).digest() for f in (written, tmp_path))
        assert first == second, name
