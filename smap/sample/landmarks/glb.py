"""A landmark as a plain glTF 2.0 file: one mesh, colours by vertex, one white rough material."""

from __future__ import annotations

from typing import Any

import numpy as np

from smap.formats.glb_buffers import BufferWriter
from smap.formats.glb_container import pack_glb
from smap.scene.solids import Mesh

__all__ = ["plain_glb"]

_TO_GLTF = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])  # (x, y, z) → (x, z, −y)
_GRID_M = 0.001  # positions are written in whole millimetres, so that shared corners are one vertex
_NORMAL_STEPS = 127.0


def plain_glb(mesh: Mesh) -> bytes:
    """The mesh as GLB: metres, +Y up, the front to +Z; the same mesh gives the same bytes."""
    positions = np.round(mesh.positions / _GRID_M) @ _TO_GLTF
    normals = np.round((mesh.normals @ _TO_GLTF) * _NORMAL_STEPS)
    rows = np.concatenate([positions, normals, mesh.colors], axis=1).astype(np.int32)
    used = rows[mesh.triangles.ravel()]
    packed = np.ascontiguousarray(used).view(np.dtype((np.void, used.dtype.itemsize * used.shape[1]))).ravel()
    _, first, indices = np.unique(packed, return_index=True, return_inverse=True)
    unique = used[first]
    unit = unique[:, 3:6].astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    writer = BufferWriter(compress=False)
    attributes = {
        "POSITION": writer.attribute((unique[:, :3] * _GRID_M).astype(np.float32), bounds=True),
        "NORMAL": writer.attribute(unit.astype(np.float32)),
        "COLOR_0": writer.attribute(unique[:, 6:].astype(np.uint8), normalized=True),
    }
    triangles = indices.reshape(-1, 3).astype(np.uint32)
    primitive = {"attributes": attributes, "indices": writer.indices(triangles, len(unique)), "material": 0}
    binary, buffers = writer.finish()
    material = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.9}}
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "S-Map sample"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [material],
        "accessors": writer.accessors,
        "bufferViews": writer.views,
        "buffers": buffers,
    }
    return pack_glb(document, binary)
