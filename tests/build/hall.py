"""A small coloured hall as plain GLBs of three details, written without our own encoder; and its recipe."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BOX", "Part", "box", "hall", "hall_recipe", "write_glb", "write_hall"]

Array = NDArray[np.float64]
Part = dict[str, Any]

BOX = np.array(
    [
        *([0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6]),
        *([0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3]),
        *([0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]),
    ]
)
"""Triangles of a box whose corner number is x + 2 y + 4 z, outward in glTF's axes."""

RED, GREEN, STONE = (190, 40, 30, 255), (20, 130, 90, 255), (128, 128, 128, 255)
LON, LAT = 126.9768, 37.5759


def box(low: Sequence[float], high: Sequence[float], color: Sequence[int] | None = STONE) -> Part:
    """An upright box in glTF's axes (+X east, +Y up, +Z south), each face with its own normals."""
    bits = np.array([[n & 1, n >> 1 & 1, n >> 2 & 1] for n in range(8)])
    corners = np.where(bits == 1, high, low).astype(float)[BOX]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    part: Part = {
        "positions": corners.reshape(-1, 3),
        "normals": np.repeat(normal, 3, axis=0),
        "triangles": np.arange(36).reshape(-1, 3),
    }
    return part if color is None else part | {"colors": np.tile(np.array(color, np.uint8), (36, 1))}


def hall(detail: int) -> list[Part]:
    """A hall of 12 x 8 m, 9 m high on a base that reaches 3 m down; at details 0 and 1 a flag points east."""
    parts = [box((-6, -3, -4), (6, 6, 4), RED), box((-6, 6, -4), (6, 9, 4), GREEN)]
    if detail < 2:
        parts.append(box((6, 8, -0.25), (9, 8.5, 0.25), STONE))
    if detail < 1:
        parts += [box((x, 9, -4), (x + 0.25, 9.25, 4), GREEN) for x in (-5, -3, -1, 1, 3, 5)]
    return parts


def write_glb(path: Path, parts: Sequence[Part], document: Mapping[str, Any] | None = None) -> Path:
    """One mesh, a primitive for each part (`material`: its number, else 0); `document` goes over it."""
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    body = bytearray()

    def add(values: NDArray[Any], kind: str, code: int, **more: Any) -> int:
        body.extend(b"\0" * (-len(body) % 4))
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": values.nbytes})
        body.extend(values.tobytes())
        count = values.size if kind == "SCALAR" else len(values)
        accessors.append(
            {"bufferView": len(views) - 1, "componentType": code, "count": count, "type": kind} | more
        )
        return len(accessors) - 1

    primitives = []
    for part in parts:
        points = np.asarray(part["positions"], "<f4")
        low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        attributes = {"POSITION": add(points, "VEC3", 5126, min=low, max=high)}
        if "normals" in part:
            attributes["NORMAL"] = add(np.asarray(part["normals"], "<f4"), "VEC3", 5126)
        if "colors" in part:
            attributes["COLOR_0"] = add(np.asarray(part["colors"], "u1"), "VEC4", 5121, normalized=True)
        indices = add(np.asarray(part["triangles"], "<u4"), "SCALAR", 5125)
        primitives.append({"attributes": attributes, "indices": indices, "material": part.get("material", 0)})
    whole = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": primitives}],
        "materials": [{"pbrMetallicRoughness": {"roughnessFactor": 0.9, "metallicFactor": 0.0}}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(body)}],
    } | dict(document or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(whole, bytes(body)))
    return path


def packed(document: Mapping[str, Any], body: bytes) -> bytes:
    """A GLB of a document and its binary chunk (glTF 2.0 §4.4)."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body += b"\0" * (-len(body) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def write_hall(folder: Path) -> None:
    """hall.glb, hall.1.glb and hall.2.glb in the folder."""
    for detail in range(3):
        write_glb(folder / f"hall{f'.{detail}' if detail else ''}.glb", hall(detail))


SOURCE = """
[[source]]
path = "hall.glb"
coarser = ["hall.1.glb", "hall.2.glb"]
[source.place]
lon = {lon}
lat = {lat}
{place}
[source.properties]
id = "{id}"
name = "근정전"
{facts}
"""


def hall_recipe(*sources: Mapping[str, Any], more: str = "", tileset: str = "") -> str:
    """A recipe of halls, one for each of `sources`: lon, lat, id, and lines as `place` and `facts`."""
    usual = {"lon": LON, "lat": LAT, "place": "", "facts": "", "id": "hall"}
    told = "".join(SOURCE.format(**(usual | dict(source))) for source in sources or ({},))
    head = f'[tileset]\nname = "halls"\nkind = "models"\nattribution = "made for tests"\n{tileset}\n'
    return f"{head}{told}{more}\n"
