"""A layer that the workspace declares, on every address."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from smap.content.database import open_database
from smap.content.declared import read_layers
from smap.content.service import create_record, publish_record
from smap.errors import RecipeError
from smap.server.app import create_app
from smap.settings import Settings
from tests.server.city import ADMIN, PASSWORD
from tests.server.conftest import NOW

SHIPPED = Path(__file__).parents[2] / "content" / "layers"
SENSOR: dict[str, Any] = {
    "type": "Feature",
    "id": "s-1",
    "geometry": {"type": "Point", "coordinates": [126.98, 37.57]},
    "properties": {
        "name_ko": "광장 센서",
        "name_en": "Square Sensor",
        "source": "own readings",
        "source_date": "2026-05-01",
        "position_accuracy_m": 5.0,
        "height_above_ground": 3.5,
        "readings": [
            {"time": "2026-05-01T12:00:00+09:00", "value": -3.5, "unit": "°C"},
            {"time": "2026-05-01T02:30:00Z", "value": 4.0, "unit": "°C"},
        ],
    },
}


@pytest.fixture
def workspace(workspace: Path) -> Path:
    """The usual workspace with two declared layers and a sensor."""
    shutil.copytree(SHIPPED, workspace / "layers")
    engine = open_database(workspace / "content.db", layers=read_layers(workspace))
    record = create_record(engine, ADMIN, "sensors", SENSOR, now=NOW)
    publish_record(engine, ADMIN, "sensors", record.id, expected_revision=1, now=NOW)
    engine.dispose()
    return workspace


def test_the_catalog_and_the_collections_list_it_with_its_look(client: TestClient) -> None:
    told = {layer["id"]: layer for layer in client.get("/catalog.json").json()["layers"]}
    assert list(told) == ["heritage", "tourism", "wall", "alleys", "sensors", "wifi"]
    assert told["sensors"]["count"] == 1
    assert told["sensors"]["style"] == {"colour": "#7a4f9a", "letter": "S"}
    assert "style" not in told["heritage"]
    listed = client.get("/api/collections?lang=en").json()["collections"]
    titles = [layer["title"] for layer in listed if layer["itemType"] == "feature"]
    assert titles[4:] == ["Sensors", "Public Wi-Fi"]


def test_its_records_its_fields_and_its_search_are_there(client: TestClient) -> None:
    (found,) = client.get("/api/collections/sensors/items").json()["features"]
    assert found["properties"]["readings"][0]["value"] == -3.5
    schema = client.get("/api/collections/sensors/schema")
    assert schema.headers["content-type"] == "application/schema+json"
    assert set(found["properties"]) <= set(schema.json()["properties"])
    assert set(schema.json()["required"]) <= set(found["properties"])
    hits = client.get("/api/search?q=Square Sensor").json()["features"]
    assert hits[0]["properties"]["layer"] == "sensors"
    only = client.get("/api/search?q=Square&layer=sensors").json()["features"]
    assert [hit["id"] for hit in only] == ["s-1"]
    unknown = client.get("/api/search?q=Square&layer=sensor")
    assert unknown.status_code == 404
    assert "sensors, wifi" in unknown.text


@pytest.mark.parametrize(
    ("lang", "label"), [("en", "Readings"), ("ko", "측정값"), ("ja", "測定値"), ("zh", "读数")]
)
def test_its_page_tells_the_last_reading_under_its_own_label(
    client: TestClient, lang: str, label: str
) -> None:
    text = client.get(f"/place/sensors/s-1?lang={lang}").text
    assert f"<dt>{label}</dt><dd>-3.5 °C <time" in text
    assert "4 °C" not in text
    assert "3.5 m</dd>" in text


def test_a_fault_in_its_record_names_its_own_field(client: TestClient) -> None:
    session = client.post("/session", json={"name": "younghee", "password": PASSWORD}).json()
    headers = {"x-csrf-token": session["csrf"], "origin": "http://localhost"}
    bad = {**SENSOR, "id": "s-2", "properties": {**SENSOR["properties"], "readings": [{"value": 1.0}]}}
    refused = client.post("/api/collections/sensors/items", json=bad, headers=headers)
    assert refused.status_code == 422
    fault = {"field": "readings", "message": "readings: reading 1: time is missing"}
    assert refused.json()["faults"] == [fault]


def test_a_layer_that_is_not_declared_any_more_is_not_there(workspace: Path, viewer: Path) -> None:
    (workspace / "layers" / "sensors.toml").unlink()
    app = create_app(Settings(workspace=workspace), viewer=viewer, now=lambda: NOW)
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        assert client.get("/place/sensors/s-1").status_code == 404
        assert client.get("/api/collections/sensors/items").status_code == 404
        ids = [layer["id"] for layer in client.get("/catalog.json").json()["layers"]]
        assert ids == ["heritage", "tourism", "wall", "alleys", "wifi"]
        assert client.get("/api/search?q=Square").status_code == 200


def test_a_server_does_not_start_with_a_bad_declaration(workspace: Path, viewer: Path) -> None:
    (workspace / "layers" / "odd.toml").write_text("x = 1")
    with pytest.raises(RecipeError, match=r"odd\.toml: unknown key 'x'"):
        create_app(Settings(workspace=workspace), viewer=viewer)
