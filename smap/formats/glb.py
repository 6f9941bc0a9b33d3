"""GLB tiles: a mesh in a local frame with feature ids and a property table ↔ glTF 2.0 bytes.

Written with KHR_mesh_quantization, EXT_meshopt_compression, EXT_mesh_features and EXT_structural_metadata.
The root node holds the local frame → ECEF matrix turned from z-up to glTF's y-up (3D Tiles 1.1: clients
turn content back); below it one node for each piece of the mesh holds the piece's offset and its grid's step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.glb_buffers import BufferWriter
from smap.formats.glb_container import pack_glb
from smap.formats.glb_quantize import Piece, quantize
from smap.formats.glb_read import read_glb
from smap.formats.glb_tile import Y_UP_FROM_Z_UP, FeatureSet, GlbTile, Material
from smap.formats.metadata import PropertyTable, encode_table, schema_of

__all__ = ["FeatureSet", "GlbTile", "Material", "decode_glb", "encode_glb"]

STEP_M = 0.02  # DESIGN: 20 mm; 65,535 steps span 1,310 m

_EXTENSIONS_REQUIRED = ("EXT_meshopt_compression", "KHR_mesh_quantization")


def encode_glb(tile: GlbTile, *, step: float = STEP_M, compress: bool = True) -> bytes:
    """The tile as GLB bytes; the same tile gives the same bytes.

    Positions lie on a grid of `step` metres; triangles that have no area there are left out. With `compress`
    vertices and indices are meshopt streams. FormatError: no triangle is left, or positions are not finite.
    """
    pieces = quantize(tile.positions, tile.triangles, step, tile.parts, tile.point)
    if not pieces:
        raise FormatError(f"a tile without a triangle larger than {step} m: leave it out")
    writer = BufferWriter(compress)
    document = _document(tile, compress)
    document["nodes"] = _nodes(tile.frame, pieces, step)
    document["meshes"] = [{"primitives": [_primitive(tile, piece, writer)]} for piece in pieces]
    document["materials"] = [_material(tile.material)]
    if tables := _tables(tile):
        entries = [encode_table(table, writer.metadata) for table in tables]
        metadata = {"schema": schema_of(*tables), "propertyTables": entries}
        document["extensions"] = {"EXT_structural_metadata": metadata}
    binary, buffers = writer.finish()
    document |= {"accessors": writer.accessors, "bufferViews": writer.views, "buffers": buffers}
    if tile.extras:
        document["extras"] = dict(tile.extras)
    return pack_glb(document, binary)


def decode_glb(data: bytes) -> GlbTile:
    """The tile of GLB bytes, ours or another's: all its triangles, streams and quantisation undone.

    A single root node gives `frame`, so that our tiles come back in their local frame; else it is the turn
    from glTF's axes alone. FormatError when the bytes break glTF or an extension named above.
    """
    return read_glb(data)


def _tables(tile: GlbTile) -> list[PropertyTable]:
    """Those of the features and of the further sets, in this order; without rows there is none."""
    own = [] if tile.table is None else [tile.table]
    return [table for table in (*own, *(one.table for one in tile.sets)) if len(table)]


def _document(tile: GlbTile, compress: bool) -> dict[str, Any]:
    required = {name: True for name in _EXTENSIONS_REQUIRED if compress or "meshopt" not in name}
    used = [*required]
    if tile.feature_ids is not None or tile.sets:
        used.append("EXT_mesh_features")
    if _tables(tile):
        used.append("EXT_structural_metadata")
    return {
        "asset": {"version": "2.0", "generator": "S-Map"},
        "extensionsUsed": sorted(used),
        "extensionsRequired": sorted(required),
        "scene": 0,
        "scenes": [{"nodes": [0]}],
    }


def _nodes(frame: NDArray[np.float64], pieces: list[Piece], step: float) -> list[dict[str, Any]]:
    root = {
        "matrix": (Y_UP_FROM_Z_UP @ frame).T.ravel().tolist(),  # glTF stores columns
        "children": list(range(1, len(pieces) + 1)),
    }
    return [root] + [
        {"mesh": mesh, "translation": piece.offset.tolist(), "scale": [step] * 3}
        for mesh, piece in enumerate(pieces)
    ]


def _primitive(tile: GlbTile, piece: Piece, writer: BufferWriter) -> dict[str, Any]:
    vertices = piece.vertices
    attributes = {
        "POSITION": writer.attribute(piece.rows, width=3, bounds=(np.zeros_like(piece.top), piece.top))
    }
    lit = tile.lit if tile.lit is not None or tile.normals is None else _in_127ths(tile.normals)
    if lit is not None:
        attributes["NORMAL"] = writer.attribute(lit[vertices], width=3, normalized=True)
    if tile.colors is not None:
        attributes["COLOR_0"] = writer.attribute(tile.colors[vertices], normalized=True)
    primitive: dict[str, Any] = {"attributes": attributes, "material": 0}
    entries = []
    for number, (ids, entry) in enumerate(_feature_ids(tile)):
        attributes[f"_FEATURE_ID_{number}"] = writer.attribute(_narrow_ids(ids[vertices]))
        entries.append(entry | {"attribute": number})
    if entries:
        primitive["extensions"] = {"EXT_mesh_features": {"featureIds": entries}}
    primitive["indices"] = writer.indices(piece.triangles, len(piece.rows))
    return primitive


def _feature_ids(tile: GlbTile) -> Iterator[tuple[NDArray[Any], dict[str, Any]]]:
    """The ids of each set and what is said of them."""
    tables = 0
    if tile.feature_ids is not None:
        if tile.table is not None and len(tile.table):
            yield tile.feature_ids, {"featureCount": len(tile.table), "propertyTable": 0}
            tables = 1
        else:
            yield tile.feature_ids, {"featureCount": len(np.unique(tile.feature_ids))}
    for number, one in enumerate(tile.sets):
        rows = len(one.table)
        entry = {"featureCount": rows, "label": one.label, "propertyTable": tables + number}
        yield one.ids, entry | ({"nullFeatureId": rows} if (one.ids == rows).any() else {})


def _narrow_ids(ids: NDArray[Any]) -> NDArray[Any]:
    """As u8 or u16; as float32, exact to 2^24, above: glTF 2.0 §3.7.2.1 forbids u32 vertex attributes."""
    highest = int(ids.max())
    if highest > 1 << 24:
        raise FormatError(f"feature id {highest}: a tile holds at most 16,777,216 features")
    return ids.astype(np.uint8 if highest <= 0xFF else np.uint16 if highest <= 0xFFFF else np.float32)


def _in_127ths(normals: NDArray[Any]) -> NDArray[np.int8]:
    """Unit normals (k, 3) as normalised bytes with a 0 each: int8 (k, 4)."""
    rows = np.zeros((len(normals), 4), np.int8)
    rows[:, :3] = np.rint(normals * 127.0)
    return rows


def _material(material: Material) -> dict[str, Any]:
    shading = {
        "baseColorFactor": list(material.base_color),
        "metallicFactor": material.metallic,
        "roughnessFactor": material.roughness,
    }
    clear = {"alphaMode": "BLEND"} if material.base_color[3] < 1.0 else {}
    sides = {"doubleSided": True} if material.double_sided else {}
    return {"pbrMetallicRoughness": shading, **clear, **sides}
