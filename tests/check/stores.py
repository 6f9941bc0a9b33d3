"""Small sound stores for the checker's tests, and ways to break them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from smap.check import CheckReport, check_path
from smap.formats.glb import GlbTile, encode_glb
from smap.formats.glb_container import pack_glb, unpack_glb
from smap.geo.bounds import box_of
from tests.formats.glb_samples import prisms

__all__ = ["TILE", "changed_glb", "check_glb", "codes", "document_of", "write_store"]

TILE = prisms(20)
AXES = TILE.frame[:3, :3].T


def document_of(tile: GlbTile = TILE) -> dict[str, Any]:
    """A root and one leaf with the content 0/0.glb, boxes tight around the tile."""
    box = {"box": box_of(tile.ecef(), AXES).as_list()}
    leaf = {"boundingVolume": box, "geometricError": 0.0, "content": {"uri": "0/0.glb"}}
    root = {"boundingVolume": box, "geometricError": 8.0, "refine": "ADD", "children": [leaf]}
    return {"asset": {"version": "1.1"}, "geometricError": 64.0, "root": root}


def write_store(folder: Path, document: dict[str, Any] | bytes, glb: bytes | None = None) -> Path:
    """The folder with a tileset.json and its content."""
    (folder / "0").mkdir(parents=True, exist_ok=True)
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    (folder / "tileset.json").write_bytes(data)
    (folder / "0" / "0.glb").write_bytes(_glb() if glb is None else glb)
    return folder


@cache
def _glb() -> bytes:
    return encode_glb(TILE)


def changed_glb(change: Callable[[dict[str, Any], bytearray], None], tile: GlbTile = TILE) -> bytes:
    """The tile's GLB without streams, after `change` has had its document and its binary chunk."""
    document, binary = unpack_glb(encode_glb(tile, compress=False))
    body = bytearray(binary)
    change(document, body)
    return pack_glb(document, bytes(body))


def check_glb(folder: Path, glb: bytes) -> CheckReport:
    """What is said of a sound tileset with this content."""
    return check_path(write_store(folder, document_of(), glb))


def codes(report: CheckReport, severity: str = "error") -> set[str]:
    """The codes of this severity."""
    return {issue.code for issue in report.issues if issue.severity == severity}
