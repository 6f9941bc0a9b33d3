"""Models through the verbs: build, check, publish, serve, export, clear; and one that cannot be built."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.cli.main import main
from smap.server.app import create_app
from smap.settings import Settings
from tests.build.hall import hall_recipe, write_hall
from tests.build.town import write_ground


def test_models_go_through_all_verbs_as_buildings_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_hall(tmp_path)
    write_ground(tmp_path)
    recipe, var = tmp_path / "halls.toml", tmp_path / "var"
    recipe.write_text(
        hall_recipe(tileset='era = "hanyang"', more='[ground]\nterrain = "ground.toml"'), encoding="utf-8"
    )
    where = ["--workspace", str(var), "--json"]
    assert main(["build", str(recipe), "--jobs", "1", *where]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["features_read"], report["dropped"]) == (1, {})
    assert main(["check", f"{report['out']}/halls.3tz", "--json"]) == 0
    assert main(["publish", *where]) == 0
    assert main(["gc", *where]) == 0
    assert main(["export", str(tmp_path / "out"), *where]) == 0
    capsys.readouterr()
    with TestClient(create_app(Settings(workspace=var)), base_url="http://localhost") as client:
        models = [t for t in client.get("/catalog.json").json()["tilesets"] if t["kind"] == "models"]
        assert [(t["name"], t["era"]) for t in models] == [("halls", "hanyang")]
        root = client.get(models[0]["url"]).json()["root"]
        content = models[0]["url"].replace("tileset.json", root["content"]["uri"])
        served = client.get(content)
        assert served.content[:4] == b"glTF"
        assert (tmp_path / "out" / content.lstrip("/")).read_bytes() == served.content


def test_a_model_that_cannot_be_placed_ends_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_hall(tmp_path)
    recipe, var = tmp_path / "halls.toml", tmp_path / "var"
    recipe.write_text(hall_recipe({"lon": 37.57, "lat": 126.97}), encoding="utf-8")
    assert main(["build", str(recipe), "--workspace", str(var), "--jobs", "1"]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(told) == 1
    assert told[0].startswith("smap build: ")
    assert (
        "[source.place] lon, lat of hall.glb: 37.57, 126.97 is not in Korea: lon and lat are swapped"
        in told[0]
    )
    assert not var.exists()
