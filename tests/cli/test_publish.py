"""`smap publish` tells which records have lost their building."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from smap.build.linking import read_buildings
from smap.cli.main import main
from tests.build.town import FEATURES, recipe_text, write_town
from tests.content.samples import place


def test_links_that_hold_are_counted_and_lost_ones_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(tmp_path / "var"), "--json"]
    write_town(tmp_path, FEATURES)
    recipe = tmp_path / "town.toml"
    recipe.write_text(recipe_text(), encoding="utf-8")
    assert main(["build", str(recipe), *where]) == 0
    archive = Path(json.loads(capsys.readouterr().out.splitlines()[-1])["out"]) / "town.3tz"
    buildings = read_buildings([archive])
    row = int(np.flatnonzero(buildings.ids == "town:h5")[0])
    lon, lat = np.degrees(buildings.lonlat[row]).tolist()
    records = [
        place("kept", building="town:h7"),
        place("renamed", lon, lat, building="town:old", building_area_m2=float(buildings.area[row])),
        place("lost", building="town:gone"),
        place("free"),
    ]
    content = tmp_path / "heritage.geojson"
    content.write_text(json.dumps({"type": "FeatureCollection", "features": records}), encoding="utf-8")
    assert main(["content", "import", str(content), "--layer", "heritage", *where]) == 0
    capsys.readouterr()
    assert main(["publish", *where]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out.splitlines()[-1])
    assert report["links"] == {
        "kept": 1,
        "found": [{"record": "heritage/renamed", "was": "town:old", "is": "town:h5"}],
        "broken": [{"record": "heritage/lost", "was": "town:gone"}],
    }
    lines = [line for line in told.err.splitlines() if "its building" in line]
    assert len(lines) == 2
    assert "heritage/renamed: its building town:old" in lines[0]
    assert "town:h5" in lines[0]
    assert "heritage/lost: its building town:gone is not in this release" in lines[1]
