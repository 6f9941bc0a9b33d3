from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from smap.server.schema import json_schema, schemas, typescript
from smap.server.wire import WIRE

SCHEMA_TS = Path(__file__).parents[2] / "web" / "src" / "api" / "schema.ts"


def faults(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """What of a value breaks its schema: as much of JSON Schema as our types use."""
    if "$ref" in schema:
        return faults(value, schemas()[schema["$ref"].rpartition("/")[2]], where)
    if "oneOf" in schema:
        return (
            [] if any(not faults(value, one, where) for one in schema["oneOf"]) else [f"{where}: {value!r}"]
        )
    if value is None:
        return [] if schema.get("nullable") or "type" not in schema else [f"{where}: null"]
    return _fits(value, schema, where)


def _fits(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "object": (dict,),
        "array": (list,),
    }
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return [f"{where}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, list):
        return [
            one for at, item in enumerate(value) for one in faults(item, schema["items"], f"{where}[{at}]")
        ]
    found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
    for name, inner in schema.get("properties", {}).items():
        found += faults(value[name], inner, f"{where}.{name}") if name in value else []
    return found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/catalog.json", "Catalog"),
        ("/api/collections", "Collections"),
        ("/api/collections/heritage", "Collection"),
        ("/api/collections/heritage/items", "FeaturePage"),
        ("/api/collections/heritage/items/sungnyemun", "PlaceFeature"),
        ("/api/search?q=gate&near=127,37.5", "SearchPage"),
        ("/api/search/suggest?q=gate&near=127,37.5", "Suggestions"),
        ("/session", "Session"),
        ("/api/height?lon=1&lat=1", "Refused"),
    ],
)
def test_what_is_said_on_the_wire_fits_its_type(client: TestClient, path: str, kind: str) -> None:
    assert faults(client.get(path).json(), {"$ref": f"#/{kind}"}) == []


def test_every_type_that_is_named_is_told() -> None:
    assert {schema["$ref"].rpartition("/")[2] for schema in map(json_schema, WIRE)} == set(schemas())


def test_the_viewers_types_are_those_of_the_server() -> None:
    assert SCHEMA_TS.read_text(encoding="utf-8") == typescript(), (
        "run: python -m smap.server.wire > schema.ts"
    )
