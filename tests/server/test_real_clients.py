"""`smap serve` as others see it: GDAL's OGC API driver, and schemathesis over the OpenAPI document."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import numpy as np
import pytest

from smap.content.database import open_database
from smap.content.service import create_record, publish_record
from tests.e2e.serving import serving
from tests.server.city import ADMIN, place

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
needs_gdal = pytest.mark.skipif(
    shutil.which("ogrinfo") is None, reason="ogrinfo is missing: install gdal-bin (Debian)"
)
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LINE = [[126.985, 37.57], [126.99, 37.575], [126.9921, 37.5803]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Iterator[str]:
    """The tests' city with a line beside its points, in a server of its own."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    engine = open_database(folder / "content.db")
    feature = place("bukchon", "북촌길", "Bukchon-gil", 0, 0)
    feature["geometry"] = {"type": "LineString", "coordinates": LINE}
    feature["properties"] |= {"category": "alley_area", "slope_percent": 4.5, "slope_source": "surveyed"}
    record = create_record(engine, ADMIN, "alleys", feature, now=NOW)
    publish_record(engine, ADMIN, "alleys", record.id, expected_revision=record.revision, now=NOW)
    engine.dispose()
    with serving(folder) as (url, _process):
        yield url


def run(*words: str) -> str:
    # a proxy of the environment would stand between GDAL and this machine
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


@needs_gdal
def test_ogrinfo_lists_every_layer_with_count_and_extent(served: str) -> None:
    told = run("ogrinfo", "-ro", "-al", "-so", f"OAPIF:{served}api")
    layers = dict(re.findall(r"Layer name: (\S+)\n(.*?)(?=Layer name:|\Z)", told, re.DOTALL))
    collections = httpx2.get(f"{served}api/collections").json()["collections"]
    features = {item["id"]: item for item in collections if item["itemType"] == "feature"}
    assert {item["id"] for item in collections} - set(features) == {"seoul-buildings", "seoul-terrain"}
    assert set(layers) == set(features)
    for name, item in features.items():
        count = httpx2.get(f"{served}api/collections/{name}/items").json()["numberMatched"]
        assert f"Feature Count: {count}\n" in layers[name]
        if "extent" in item:
            found = re.search(r"Extent: \(([^,]+), ([^)]+)\) - \(([^,]+), ([^)]+)\)", layers[name])
            assert found is not None
            numbers = [float(number) for number in found.groups()]
            assert numbers == pytest.approx(item["extent"]["spatial"]["bbox"][0], abs=1e-6)


@needs_gdal
def test_ogr2ogr_downloads_what_meets_a_box(served: str, tmp_path: Path) -> None:
    out = tmp_path / "box.geojson"
    box = ("-spat", "126.97", "37.55", "126.98", "37.57")
    run("ogr2ogr", *box, str(out), f"OAPIF:{served}api", "heritage")
    (found,) = json.loads(out.read_text())["features"]
    assert found["properties"]["name_en"] == "Sungnyemun"


@needs_gdal
@pytest.mark.parametrize("layer", ["heritage", "alleys"])
@pytest.mark.parametrize("code", [3857, 5179, 5186, 5174])
def test_a_download_in_a_grid_lies_where_gdal_puts_the_degrees(
    served: str, tmp_path: Path, layer: str, code: int
) -> None:
    """GDAL 3.6 does not ask for `crs` itself: our answer in the grid against its own reckoning, to 1 cm."""
    ours = httpx2.get(f"{served}api/collections/{layer}/items", params={"crs": f"{EPSG}{code}"}).json()
    out = tmp_path / "grid.geojson"
    words = ("-t_srs", f"EPSG:{code}", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=4")
    run("ogr2ogr", "-f", "GeoJSON", *words, str(out), f"OAPIF:{served}api", layer)
    theirs = json.loads(out.read_text())["features"]
    assert len(ours["features"]) == len(theirs) > 0
    for mine, other in zip(ours["features"], theirs, strict=True):
        a = np.array(mine["geometry"]["coordinates"]).reshape(-1, 2)
        b = np.array(other["geometry"]["coordinates"]).reshape(-1, 2)
        # GeoJSON of GDAL has x before y; the registry says that all but Web Mercator are north first
        assert np.abs(a - (b if code == 3857 else b[:, ::-1])).max() < 0.01


def judged(served: str, folder: Path, *longest: str) -> subprocess.CompletedProcess[str]:
    """What schemathesis says of every operation, with a fixed seed; ids are those of a real record."""
    config = folder / "schemathesis.toml"
    config.write_text('[parameters]\n"path.layer" = "heritage"\n"path.id" = "sungnyemun"\n')
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    words = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("--config-file", str(config), "run", f"{served}api/openapi", "--checks", checks),
        *("--phases", "coverage,fuzzing", "--seed", "5186", "--generation-database", "none"),
        *("--no-color", "--request-timeout", "20", *longest),
    ]
    own = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=1500,
        cwd=folder,
        env={**os.environ, **own},
        check=False,
    )


def test_schemathesis_finds_no_fault_and_no_answer_beside_the_document(served: str, tmp_path: Path) -> None:
    done = judged(served, tmp_path, "--max-examples", "12", "--max-time", "40")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Tested: 20\n" in done.stdout


@pytest.mark.long
@pytest.mark.skipif("SMAP_LONG" not in os.environ, reason="the short run is above: SMAP_LONG is not set")
def test_schemathesis_finds_no_fault_in_a_long_time(served: str, tmp_path: Path) -> None:
    done = judged(served, tmp_path, "--max-examples", "200", "--max-time", "1200")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
