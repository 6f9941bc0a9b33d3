"""GDAL as a client of the API: whatever reads OGC API - Features reads ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smap.cli.main import main
from smap.content.model import LAYERS
from tests.e2e.serving import serving

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin (ogrinfo) is not installed")


def features(layer: str) -> list[dict[str, Any]]:
    """What the curated file holds."""
    text = (ROOT / "content" / f"{layer}.geojson").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["features"]
    return found


def told_by(*command: str) -> str:
    """What a GDAL command says on stdout; on stderr it must have nothing to say."""
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert answer.stderr == ""
    return answer.stdout


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The source name of a server that holds the four curated layers."""
    workspace = tmp_path_factory.mktemp("curated")
    for layer in LAYERS:
        file = str(ROOT / "content" / f"{layer}.geojson")
        assert main(["content", "import", file, "--layer", layer, "--workspace", str(workspace)]) == 0
    with serving(workspace) as (address, _):
        yield f"OAPIF:{address}api"


def test_ogrinfo_counts_every_record_of_every_layer(api: str) -> None:
    told = told_by("ogrinfo", "-ro", "-al", "-so", api)
    names = re.findall(r"^Layer name: (\w+)$", told, re.MULTILINE)
    counts = [int(count) for count in re.findall(r"^Feature Count: (\d+)$", told, re.MULTILINE)]
    assert dict(zip(names, counts, strict=True)) == {layer: len(features(layer)) for layer in LAYERS}
    assert told.count("name_ko: String") == told.count("position_accuracy_m: Real") == len(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_ogr2ogr_brings_home_what_the_file_holds(api: str, layer: str) -> None:
    """Through paging too: two records a page."""
    command = ("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", api, layer, "-oo", "PAGE_SIZE=2")
    found = {item["properties"]["name_en"]: item for item in json.loads(told_by(*command))["features"]}
    wanted = {item["properties"]["name_en"]: item for item in features(layer)}
    assert found.keys() == wanted.keys()
    for name, item in found.items():
        assert item["geometry"] == wanted[name]["geometry"]
        assert item["properties"]["text_ko"] == wanted[name]["properties"]["text_ko"]


def test_ogr2ogr_with_a_box_gets_what_lies_in_it(api: str) -> None:
    west, south, east, north = 126.97, 37.56, 127.0, 37.58
    spat = ("-spat", str(west), str(south), str(east), str(north))
    command = ("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", api, "heritage", *spat)
    found = {item["properties"]["name_en"] for item in json.loads(told_by(*command))["features"]}
    points = [item for item in features("heritage") if item["geometry"]["type"] == "Point"]
    inside = {
        item["properties"]["name_en"]
        for item in points
        if west <= item["geometry"]["coordinates"][0] <= east
        and south <= item["geometry"]["coordinates"][1] <= north
    }
    assert 0 < len(inside) < len(points)
    assert found & {item["properties"]["name_en"] for item in points} == inside
