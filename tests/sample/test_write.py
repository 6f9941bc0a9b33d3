"""The sample as files: ordinary sources with their recipes, always the same."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest
import rasterio

from smap.sample.facts import ERAS
from smap.sample.write import City, write_sample
from tests.sample.conftest import CONTENT, FACTS


def test_gdal_reads_the_ground_as_a_georeferenced_elevation(written: Path, city: City) -> None:
    with rasterio.open(written / "ground.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.nodata == -9999
        assert raster.bounds.left == pytest.approx(city.facts.bounds_deg[0], abs=1e-9)
        assert raster.bounds.top == pytest.approx(city.facts.bounds_deg[3], abs=1e-9)
        heights = raster.read(1)
    assert 0 < heights.min() < 10  # the Han
    assert 340 < heights.max() < 380


@pytest.mark.parametrize("era", ERAS)
def test_the_houses_are_plain_geojson_lines_with_unique_ids(written: Path, era: str) -> None:
    lines = (written / f"buildings_{era}.geojsonl").read_text(encoding="utf-8").splitlines()
    features = [json.loads(line) for line in lines]
    assert len({f["properties"]["id"] for f in features}) == len(features)
    assert {tuple(f["properties"]) for f in features} == {
        ("id", "height_m", "floors", "fabric"),
        ("id", "height_m", "floors", "fabric", "roof_shape"),
    }
    assert {f["properties"].get("roof_shape") for f in features} == {None, "giwa"} | (
        {"hipped"} if era == "hanyang" else set()
    )
    assert all(ring[0] == ring[-1] for f in features for ring in f["geometry"]["coordinates"])


@pytest.mark.parametrize("era", ERAS)
def test_each_era_has_a_recipe_that_names_it(written: Path, era: str) -> None:
    recipe = tomllib.loads((written / f"buildings_{era}.toml").read_text(encoding="utf-8"))
    assert recipe["tileset"]["era"] == era
    assert recipe["tileset"]["name"] == f"sample-buildings-{era}"
    assert ("복원" in recipe["tileset"]["title"]["ko"]) is (era == "hanyang")
    assert (written / recipe["source"][0]["path"]).exists()


def test_the_same_facts_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_sample(FACTS, tmp_path, content=CONTENT)
    names, again = (
        sorted(str(p.relative_to(f)) for p in f.rglob("*") if p.is_file()) for f in (written, tmp_path)
    )
    assert names == again
    for name in names:
        first, second = (hashlib.sha256((f / name).read_bytes()).digest() for f in (written, tmp_path))
        assert first == second, name


def test_every_fact_has_a_source_a_date_and_an_accuracy() -> None:
    for path in (FACTS / "facts").glob("*.toml"):
        for kind, facts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for fact in facts if kind != "kind" else ():
                assert fact["source"], (path.name, fact)
                assert fact["date"] <= "2026-11-26", (path.name, fact)
                assert fact["position_accuracy_m"] > 0, (path.name, fact)


def test_what_a_map_shows_is_one_ordinary_file_of_streets_water_and_green(written: Path) -> None:
    features = json.loads((written / "map.geojson").read_text(encoding="utf-8"))["features"]
    kinds = {(f["properties"]["draws"], f["geometry"]["type"]) for f in features}
    assert {kind for kind, _ in kinds} == {"arterial", "street", "lane", "green", "water"}
    assert all((shape == "LineString") == (kind in ("arterial", "street", "lane")) for kind, shape in kinds)
    names = {f["properties"]["name"] for f in features}
    assert "종로 Jongno" in names
    assert "경복궁 Gyeongbokgung" in names


def test_the_recipe_of_the_base_map_lies_beside_its_sources(written: Path) -> None:
    recipe = tomllib.loads((written / "basemap.toml").read_text(encoding="utf-8"))
    assert recipe["tileset"]["kind"] == "basemap"
    assert all((written / source["path"]).is_file() for source in recipe["source"])


def test_a_map_shows_the_streets_of_today_only(written: Path, city: City) -> None:
    features = json.loads((written / "map.geojson").read_text(encoding="utf-8"))["features"]
    drawn = [f["properties"]["name"] for f in features if f["geometry"]["type"] == "LineString"]
    assert drawn == [s.name for s in city.facts.streets if "today" in s.eras and s.role != "rail"]
    assert any("today" not in s.eras for s in city.facts.streets)
