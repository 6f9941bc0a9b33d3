"""Models from GLB files: every triangle with its colour, in metres east, north and up of the origin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError, InputError
from smap.formats.glb import GlbTile, decode_glb
from smap.formats.glb_container import unpack_glb
from smap.formats.glb_read import scene_primitives
from smap.scene.mesh import Mesh, flat_normals

__all__ = ["ModelFile", "read_model"]

_READABLE = frozenset(
    {
        "EXT_meshopt_compression",
        "EXT_mesh_features",
        "EXT_structural_metadata",
        "KHR_mesh_quantization",
        "KHR_texture_transform",
    }
)
_TRIANGLES = 4


@dataclass(frozen=True)
class ModelFile:
    """A file as it is, unturned and unscaled: +X of glTF east, +Y up, +Z south.

    warnings: what of it is not drawn, one line each. both_sides: whether its faces are seen from behind too.
    """

    mesh: Mesh
    both_sides: bool
    warnings: tuple[str, ...]


def read_model(path: Path) -> ModelFile:
    """The model in a GLB; InputError or FormatError (one line that names the file) for every fault."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    if data[:4] != b"glTF":
        raise InputError(f"{path}: no GLB; models are read from binary glTF 2.0 (.glb)")
    try:
        return _read(path, data)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None


def _read(path: Path, data: bytes) -> ModelFile:
    _check_length(data)
    document = unpack_glb(data)[0]
    strange = sorted({str(name) for name in document.get("extensionsRequired", [])} - _READABLE)
    if strange:
        raise FormatError(f"needs {', '.join(strange)}, which is not read here: export it without")
    tile = decode_glb(data)
    if not np.isfinite(tile.positions).all():
        raise FormatError("some positions are not finite: export it anew")
    return ModelFile(_mesh(tile), tile.material.double_sided, tuple(_left_out(path, document)))


def _check_length(data: bytes) -> None:
    announced = int.from_bytes(data[8:12], "little")
    if len(data) < announced:
        raise FormatError(f"cut short: {len(data):,} bytes of {announced:,}; copy it again")


def _mesh(tile: GlbTile) -> Mesh:
    """Our frame's axes of the scene are east, north and up; the matrix may turn, scale and mirror."""
    matrix = tile.frame[:3, :3]
    positions = tile.ecef()
    triangles = tile.triangles[:, ::-1] if np.linalg.det(matrix) < 0.0 else tile.triangles
    own = np.full((len(positions), 4), 255, np.uint8) if tile.colors is None else tile.colors
    colors = np.rint(own * np.clip(tile.material.base_color, 0.0, 1.0)).astype(np.uint8)
    colors[:, 3] = 255
    if tile.normals is None:
        return flat_normals(positions, triangles, colors)
    return Mesh(positions, np.ascontiguousarray(triangles), _turned(tile.normals, matrix), colors)


def _turned(normals: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    turned = normals.astype(np.float64) @ np.linalg.inv(matrix)
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    upright = np.array([0.0, 0.0, 1.0])  # in the stead of a normal that the file left at nought
    return np.where(length > 0.0, turned / np.where(length > 0.0, length, 1.0), upright).astype(np.float32)


def _left_out(path: Path, document: dict[str, Any]) -> list[str]:
    primitives = [primitive for primitive, _ in scene_primitives(document)]
    other = sum(primitive.get("mode", _TRIANGLES) != _TRIANGLES for primitive in primitives)
    materials = [document["materials"][p["material"]] for p in primitives if "material" in p]
    textured = sum("baseColorTexture" in m.get("pbrMetallicRoughness", {}) for m in materials)
    lines = [f"{path.name}: {other} parts of points, lines, strips or fans are left out"] if other else []
    if textured:
        lines.append(
            f"{path.name}: {textured} parts have a texture, which is not drawn: they keep the colour of "
            "their material; bake the texture into vertex colours (COLOR_0)"
        )
    return lines
