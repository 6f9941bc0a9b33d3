"""Reading GLBs, ours and others': every triangle of the scene in one mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.glb_buffers import BufferReader
from smap.formats.glb_container import unpack_glb
from smap.formats.glb_tile import Y_UP_FROM_Z_UP, FeatureSet, GlbTile, Material
from smap.formats.metadata import PropertyTable, decode_table

__all__ = ["read_glb", "scene_primitives"]

_TRIANGLES = 4
_ID_SET = "_FEATURE_ID_"
_WHITE = (1.0, 1.0, 1.0, 1.0)
_SCALE_OF = {"b": 127.0, "B": 255.0, "h": 32767.0, "H": 65535.0}  # glTF 2.0 §3.11, normalised integers


def read_glb(data: bytes) -> GlbTile:
    """See smap.formats.glb.decode_glb."""
    document, binary = unpack_glb(data)
    try:
        return _read(document, BufferReader(document, binary))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise FormatError(
            f"GLB: its JSON does not hold what glTF asks for ({type(error).__name__}: {error})"
        ) from error


def scene_primitives(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], NDArray[np.float64]]]:
    """Each primitive of the default scene with the matrix from its own space to the scene's (glTF axes)."""
    for node in _roots(document):
        yield from _below(document, node, np.eye(4), 0)


def _read(document: dict[str, Any], reader: BufferReader) -> GlbTile:
    roots = _roots(document)
    root = _matrix(document["nodes"][roots[0]]) if len(roots) == 1 else np.eye(4)
    into_frame = np.linalg.inv(root)
    drawn = [
        (primitive, into_frame @ matrix)
        for primitive, matrix in scene_primitives(document)
        if primitive.get("mode", _TRIANGLES) == _TRIANGLES
    ]
    if not drawn:
        raise FormatError("GLB: no triangles in its scene")
    parts = [_read_primitive(primitive, matrix, reader) for primitive, matrix in drawn]
    materials = [_material(document, primitive) for primitive, _ in drawn]
    material = _joint_material(materials)
    if _need_tints(parts, materials):
        parts = [_tinted(part, material) for part, material in zip(parts, materials, strict=True)]
        material = replace(material, base_color=_WHITE)
    firsts = np.cumsum([0] + [len(part["positions"]) for part in parts])
    triangles = [part["triangles"] + np.uint32(first) for part, first in zip(parts, firsts, strict=False)]
    return GlbTile(
        positions=np.concatenate([part["positions"] for part in parts]),
        triangles=np.concatenate(triangles),
        frame=Y_UP_FROM_Z_UP.T @ root,
        normals=_joined(parts, "normals"),
        feature_ids=_joined(parts, "feature_ids"),
        colors=_joined(parts, "colors"),
        material=material,
        table=_table(document, reader, 0),
        extras=document.get("extras", {}),
        sets=tuple(_sets(document, drawn[0][0], parts, reader)),
    )


def _joined(parts: list[dict[str, NDArray[Any]]], key: str) -> NDArray[Any] | None:
    if any(key not in part for part in parts):
        return None
    joined: NDArray[Any] = np.concatenate([part[key] for part in parts])
    return joined


def _read_primitive(
    primitive: dict[str, Any], matrix: NDArray[np.float64], reader: BufferReader
) -> dict[str, NDArray[Any]]:
    attributes = primitive["attributes"]
    stored = reader.numbers(attributes["POSITION"])
    part: dict[str, NDArray[Any]] = {"positions": stored @ matrix[:3, :3].T + matrix[:3, 3]}
    triangles = _triangles(primitive, len(stored), reader)
    mirrored = np.linalg.det(matrix[:3, :3]) < 0.0  # glTF 2.0 §3.7.4: then the winding order turns round
    part["triangles"] = triangles[:, ::-1] if mirrored else triangles
    if "NORMAL" in attributes:
        part["normals"] = _normals(reader.array(attributes["NORMAL"]), matrix)
    for name in attributes:
        if name.startswith(_ID_SET):
            key = "feature_ids" if name == f"{_ID_SET}0" else name
            part[key] = reader.array(attributes[name]).astype(np.uint32)
            if part[key].ndim != 1:
                raise FormatError("GLB: feature ids must be SCALAR")
    if "COLOR_0" in attributes:
        part["colors"] = _colors(reader.array(attributes["COLOR_0"]))
    if any(len(values) != len(stored) for name, values in part.items() if name != "triangles"):
        raise FormatError("GLB: the attributes of a primitive differ in length")
    return part


def _triangles(primitive: dict[str, Any], vertices: int, reader: BufferReader) -> NDArray[np.uint32]:
    flat = reader.array(primitive["indices"]) if "indices" in primitive else np.arange(vertices)
    if len(flat) % 3 or len(flat) == 0:
        raise FormatError(f"GLB: {len(flat)} indices, no multiple of three")
    if int(flat.max()) >= vertices:
        raise FormatError(f"GLB: index {int(flat.max())} where there are {vertices} vertices")
    return flat.astype(np.uint32).reshape(-1, 3)


def _normals(stored: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    plain = stored / _SCALE_OF[stored.dtype.char] if stored.dtype.kind != "f" else stored
    turned = plain.astype(np.float64) @ np.linalg.inv(matrix[:3, :3])
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (turned / np.where(lengths > 0.0, lengths, 1.0)).astype(np.float32)
    return unit


def _colors(stored: NDArray[Any]) -> NDArray[np.uint8]:
    plain = stored / _SCALE_OF[stored.dtype.char] if stored.dtype.kind != "f" else stored
    opaque = np.pad(plain, ((0, 0), (0, 4 - plain.shape[1])), constant_values=1.0)
    return np.rint(opaque * 255.0).astype(np.uint8)


def _roots(document: dict[str, Any]) -> list[int]:
    scenes = document.get("scenes")
    if not scenes:
        raise FormatError("GLB: it has no scene")
    roots: list[int] = scenes[document.get("scene", 0)].get("nodes", [])
    return roots


def _below(
    document: dict[str, Any], index: int, above: NDArray[np.float64], depth: int
) -> Iterator[tuple[dict[str, Any], NDArray[np.float64]]]:
    node = document["nodes"][index]
    if depth > len(document["nodes"]):
        raise FormatError("GLB: its nodes form a ring")
    matrix = above @ _matrix(node)
    if "mesh" in node:
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            yield primitive, matrix
    for child in node.get("children", []):
        yield from _below(document, child, matrix, depth + 1)


def _matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    """The node's matrix (glTF 2.0 §3.5.3). FormatError for a null in it, which numpy takes for NaN."""
    matrix = _placement(node)
    if not np.isfinite(matrix).all():
        raise FormatError("GLB: the matrix of a node, or what makes it up, holds something that is no number")
    return matrix


def _placement(node: dict[str, Any]) -> NDArray[np.float64]:
    """As `matrix` says, or translation, rotation and scale."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = turn * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _material(document: dict[str, Any], primitive: dict[str, Any]) -> Material:
    stored = document["materials"][primitive["material"]] if "material" in primitive else {}
    shading = stored.get("pbrMetallicRoughness", {})
    r, g, b, a = (float(value) for value in shading.get("baseColorFactor", _WHITE))
    metallic, roughness = float(shading.get("metallicFactor", 1)), float(shading.get("roughnessFactor", 1))
    return Material((r, g, b, a), metallic, roughness, bool(stored.get("doubleSided", False)))


def _joint_material(materials: list[Material]) -> Material:
    """The first, drawn from both sides if any of them is."""
    return replace(materials[0], double_sided=any(material.double_sided for material in materials))


def _need_tints(parts: list[dict[str, NDArray[Any]]], materials: list[Material]) -> bool:
    """Whether one material's colour cannot do: they differ, or only some parts have colours of their own."""
    coloured = ["colors" in part for part in parts]
    return len({material.base_color for material in materials}) > 1 or any(coloured) != all(coloured)


def _tinted(part: dict[str, NDArray[Any]], material: Material) -> dict[str, NDArray[Any]]:
    """The part with its material's colour in its vertices: glTF 2.0 §3.9.2, the two are multiplied."""
    own = part.get("colors", np.full((len(part["positions"]), 4), 255, np.uint8))
    return part | {"colors": np.rint(own * np.clip(material.base_color, 0.0, 1.0)).astype(np.uint8)}


def _sets(
    document: dict[str, Any],
    primitive: dict[str, Any],
    parts: list[dict[str, NDArray[Any]]],
    reader: BufferReader,
) -> Iterator[FeatureSet]:
    """Further sets of feature ids that every primitive has; the first one names their labels and tables."""
    for entry in primitive.get("extensions", {}).get("EXT_mesh_features", {}).get("featureIds", []):
        ids = _joined(parts, f"{_ID_SET}{entry.get('attribute')}")
        if ids is not None and "label" in entry and "propertyTable" in entry:
            table = _table(document, reader, int(entry["propertyTable"]))
            if table is not None:
                null = entry.get("nullFeatureId", len(table))
                yield FeatureSet(np.where(ids == null, len(table), ids), str(entry["label"]), table)


def _table(document: dict[str, Any], reader: BufferReader, number: int) -> PropertyTable | None:
    metadata = document.get("extensions", {}).get("EXT_structural_metadata", {})
    tables = metadata.get("propertyTables", [])
    if number >= len(tables) or "schema" not in metadata:
        return None
    return decode_table(tables[number], metadata["schema"], reader.view)
