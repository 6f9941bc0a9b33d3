"""Filling a workspace for the server's tests, through the same rooms that the real commands use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from smap.content.access import User, add_user
from smap.content.database import open_database
from smap.content.service import create_record, publish_record
from smap.formats import layer, quantized_mesh
from smap.store import write_archive
from smap.store.release import Release, ReleasedTileset, write_release

TILESET = json.dumps({"asset": {"version": "1.1"}, "geometricError": 512, "root": {"refine": "ADD"}}).encode()
TILE = b"glTF" + bytes(range(256)) * 40
DENSE = bytes(range(256))
ENTRIES = {"tileset.json": TILESET, "content/0/0.glb": TILE, "dense.bin": DENSE}
GROUND_M = 62.5
VERSION = "0123456789ab"
PASSWORD = "한강의 다리 위로 걷는 밤"
ADMIN = User("admin", "admin")


def publish_city(workspace: Path, *, release: str = "first", version: str = VERSION) -> None:
    """A release of three tilesets, each an archive with a tile that packs and one that does not."""
    items = [
        _released("seoul-buildings", "buildings", version, "public"),
        _released("seoul-terrain", "terrain", version, "public"),
        _released("seoul-secret", "buildings", version, "staff"),
    ]
    for item in items:
        path = workspace / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_archive(path, (terrain_entries() if item.kind == "terrain" else ENTRIES).items())
    write_release(workspace, Release(id=release, tilesets=tuple(items), content=None))


def terrain_entries() -> dict[str, bytes]:
    """The whole earth as one flat ground: two tiles of level 0."""
    facts = {"source": "a level plain", "spacing_m": 90.0, "geoid": "EGM96", "vertical_datum": "EPSG:5193"}
    root = {**json.loads(TILESET), "extras": facts}
    corner = np.array([0, 32767, 0, 32767], np.uint16)
    triangles = np.array([[0, 1, 2], [2, 1, 3]], np.uint32)
    entries = {"tileset.json": json.dumps(root).encode(), "layer.json": b""}
    for x in (0, 1):
        tile = quantized_mesh.mesh_of(
            ((x - 1) * np.pi, -np.pi / 2, x * np.pi, np.pi / 2),
            corner,
            corner[[0, 0, 1, 1]],
            np.zeros(4, np.uint16),
            triangles,
            min_height=GROUND_M,
            max_height=GROUND_M + 1,
        )
        entries[f"0/{x}/0.terrain"] = quantized_mesh.encode(tile)
    available = ((layer.Rectangle(0, 0, 1, 0),),)
    entries["layer.json"] = layer.encode(
        layer.Layer("plain", "nobody", (-180.0, -90.0, 180.0, 90.0), available)
    )
    return entries


def _released(name: str, kind: str, version: str, access: str) -> ReleasedTileset:
    return ReleasedTileset(
        name=name,
        kind=kind,
        version=version,
        path=f"builds/{name}/{version}/{name}.3tz",
        title={"ko": "서울", "en": name},
        attribution="© OpenStreetMap contributors, ODbL",
        bbox=(126.76, 37.42, 127.19, 37.70),
        access=access,
        terrain=None,
        entry="layer.json" if kind == "terrain" else "tileset.json",
    )


def fill_content(workspace: Path, now: datetime) -> None:
    """Three published places, one draft, and the editor "younghee"."""
    engine = open_database(workspace / "content.db", create=True)
    add_user(engine, ADMIN, "younghee", PASSWORD, "reviewer", now=now)
    for feature in (SUNGNYEMUN, place("heunginjimun", "흥인지문", "Heunginjimun", 127.0096, 37.5711)):
        record = create_record(engine, ADMIN, "heritage", feature, now=now)
        publish_record(engine, ADMIN, "heritage", record.id, expected_revision=record.revision, now=now)
    draft = place("draft-gate", "초안문", "Draft Gate", 126.99, 37.57)
    create_record(engine, ADMIN, "heritage", draft, now=now)
    engine.dispose()


def place(id: str, name_ko: str, name_en: str, lon: float, lat: float, **more: Any) -> dict[str, Any]:
    """A gate as a complete GeoJSON feature."""
    properties: Mapping[str, Any] = {
        "name_ko": name_ko,
        "name_en": name_en,
        "text_ko": f"{name_ko} 이야기.",
        "text_en": f"The story of {name_en}.",
        "category": "gate",
        "source": "OpenStreetMap",
        "source_url": "https://www.openstreetmap.org/",
        "source_date": "2026-05-01",
        "position_source": "OpenStreetMap",
        "position_date": "2026-05-01",
        "position_accuracy_m": 10.0,
        "position_means": "gate_centre",
        **more,
    }
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": dict(properties)}


SUNGNYEMUN = place(
    "sungnyemun",
    "숭례문",
    "Sungnyemun",
    126.97530,
    37.55998,
    name_hanja="崇禮門",
    text_en='The "south gate" & its wall, 5 < 6.\nBuilt early.',
)
