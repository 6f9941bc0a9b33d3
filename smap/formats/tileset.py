"""tileset.json of 3D Tiles 1.1 (OGC 22-025r4 §7): dataclasses ↔ compact JSON bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.geo.bounds import Box, Region, Sphere

__all__ = ["BoundingVolume", "TileNode", "Tileset", "decode_tileset", "encode_tileset"]

BoundingVolume = Region | Box | Sphere
Refine = Literal["ADD", "REPLACE"]


@dataclass(frozen=True)
class TileNode:
    """One tile of the tree.

    geometric_error: metres of error when this tile is drawn and its children are not. content: a URI relative
    to the tileset.json, of a GLB or of an external tileset. refine: inherited where None; a root has one.
    transform: float64 (4, 4), this tile → its parent, column vectors. A Region is not moved by it.
    """

    volume: BoundingVolume
    geometric_error: float
    content: str | None = None
    content_volume: BoundingVolume | None = None
    children: tuple[TileNode, ...] = ()
    refine: Refine | None = None
    transform: NDArray[np.float64] | None = None
    metadata: Mapping[str, Any] | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.geometric_error >= 0.0
        assert self.content != ""
        assert self.transform is None or self.transform.shape == (4, 4)


@dataclass(frozen=True)
class Tileset:
    """A whole tileset.json; `geometric_error`: metres of error when nothing of it is drawn."""

    root: TileNode
    geometric_error: float
    tileset_version: str | None = None
    schema: Mapping[str, Any] | None = None
    extensions_used: tuple[str, ...] = ()
    extensions_required: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.root.refine is not None


def encode_tileset(tileset: Tileset) -> bytes:
    """Compact UTF-8 JSON; the same tileset gives the same bytes."""
    asset = {"version": "1.1"}
    if tileset.tileset_version is not None:
        asset["tilesetVersion"] = tileset.tileset_version
    document: dict[str, Any] = {"asset": asset, "geometricError": tileset.geometric_error}
    if tileset.schema is not None:
        document["schema"] = tileset.schema
    if tileset.extensions_used:
        document["extensionsUsed"] = list(tileset.extensions_used)
    if tileset.extensions_required:
        document["extensionsRequired"] = list(tileset.extensions_required)
    document["root"] = _encode_node(tileset.root)
    if tileset.extras:
        document["extras"] = tileset.extras
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def decode_tileset(data: bytes) -> Tileset:
    """The tileset of JSON bytes. FormatError names the first place that breaks the specification."""
    try:
        document = json.loads(data)
    except ValueError as error:
        raise FormatError(f"tileset: its JSON cannot be read ({error})") from error
    try:
        return Tileset(
            _decode_node(document["root"], "root"),
            float(document["geometricError"]),
            document["asset"].get("tilesetVersion"),
            document.get("schema"),
            tuple(document.get("extensionsUsed", ())),
            tuple(document.get("extensionsRequired", ())),
            document.get("extras", {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise FormatError(f"tileset: asset, geometricError or root is missing or broken ({error})") from error


def _encode_node(node: TileNode) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "boundingVolume": _encode_volume(node.volume),
        "geometricError": node.geometric_error,
    }
    if node.transform is not None:
        entry["transform"] = node.transform.T.ravel().tolist()  # columns first
    if node.refine is not None:
        entry["refine"] = node.refine
    if node.content is not None:
        entry["content"] = {"uri": node.content}
        if node.content_volume is not None:
            entry["content"]["boundingVolume"] = _encode_volume(node.content_volume)
    if node.metadata is not None:
        entry["metadata"] = node.metadata
    if node.children:
        entry["children"] = [_encode_node(child) for child in node.children]
    return entry | ({"extras": node.extras} if node.extras else {})


def _encode_volume(volume: BoundingVolume) -> dict[str, list[float]]:
    kind = "region" if isinstance(volume, Region) else "box" if isinstance(volume, Box) else "sphere"
    return {kind: volume.as_list()}


def _decode_node(entry: Mapping[str, Any], where: str) -> TileNode:
    try:
        content = entry.get("content", {})
        inner = content.get("boundingVolume")
        transform = entry.get("transform")
        return TileNode(
            volume=_decode_volume(entry["boundingVolume"]),
            geometric_error=float(entry["geometricError"]),
            content=content.get("uri", content.get("url")),
            content_volume=_decode_volume(inner) if inner else None,
            children=tuple(
                _decode_node(child, f"{where}.children[{place}]")
                for place, child in enumerate(entry.get("children", ()))
            ),
            refine=entry.get("refine"),
            transform=None if transform is None else np.array(transform, np.float64).reshape(4, 4).T,
            metadata=entry.get("metadata"),
            extras=entry.get("extras", {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise FormatError(
            f"tileset: {where} breaks the specification ({type(error).__name__}: {error})"
        ) from error


def _decode_volume(entry: Mapping[str, Any]) -> BoundingVolume:
    if "region" in entry:
        west, south, east, north, low, high = (float(value) for value in entry["region"])
        return Region(west, south, east, north, low, high)
    if "box" in entry:
        numbers = np.array(entry["box"], np.float64)
        return Box(numbers[:3], numbers[3:].reshape(3, 3))
    numbers = np.array(entry["sphere"], np.float64)
    return Sphere(numbers[:3], float(numbers[3]))
