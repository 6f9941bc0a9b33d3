"""What a GLB tile holds, free of how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.formats.metadata import PropertyTable

__all__ = ["Y_UP_FROM_Z_UP", "FeatureSet", "GlbTile", "Material"]

# 3D Tiles 1.1 §7.1.2: clients turn glTF content by (x, y, z) → (x, −z, y); this is the way back
Y_UP_FROM_Z_UP: NDArray[np.float64] = np.array(
    [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
)


@dataclass(frozen=True)
class Material:
    """A PBR material of one colour (linear RGBA, 0 to 1), drawn from the front only unless `double_sided`."""

    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    metallic: float = 0.0
    roughness: float = 1.0
    double_sided: bool = False


@dataclass(frozen=True)
class FeatureSet:
    """A further set of feature ids, beside those of `GlbTile.feature_ids` (EXT_mesh_features).

    ids: unsigned (n,), rows of `table`, of each vertex; those that are len(table) are of no feature. label:
    what clients ask for the set by.
    """

    ids: NDArray[np.unsignedinteger[Any]]
    label: str
    table: PropertyTable


@dataclass(frozen=True)
class GlbTile:
    """One mesh of triangles in a local frame.

    positions: float64 (p, 3), metres in the local frame (east, north, up). point: int64 (n,), the position of
    each vertex; None: each has its own. triangles: uint32 (m, 3), counter-clockwise seen from outside. frame:
    float64 (4, 4), local → ECEF, column vectors. normals: float32 (n, 3), unit, local frame; lit: int8
    (n, 4), the same in 127ths and a 0, in their stead. feature_ids: unsigned (n,), rows of `table`. colors:
    uint8 (n, 4), linear RGBA, times the material's. sets: what else vertices belong to.
    extras: any JSON, kept at the root of the document. parts: int64 (k + 1, 3), offsets of positions,
    vertices and triangles where the mesh is cut if it is too large for 16 bits: no triangle may reach across.
    """

    positions: NDArray[np.float64]
    triangles: NDArray[np.uint32]
    frame: NDArray[np.float64]
    normals: NDArray[np.float32] | None = None
    feature_ids: NDArray[np.unsignedinteger[Any]] | None = None
    colors: NDArray[np.uint8] | None = None
    material: Material = field(default_factory=Material)
    table: PropertyTable | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    parts: NDArray[np.int64] | None = None
    point: NDArray[np.int64] | None = None
    lit: NDArray[np.int8] | None = None
    sets: tuple[FeatureSet, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.positions) if self.point is None else len(self.point)
        assert self.positions.shape[1:] == (3,)
        assert self.triangles.shape == (len(self.triangles), 3)
        assert self.frame.shape == (4, 4)
        assert self.normals is None or self.normals.shape == (count, 3)
        assert self.lit is None or self.lit.shape == (count, 4)
        assert self.feature_ids is None or self.feature_ids.shape == (count,)
        assert self.colors is None or self.colors.shape == (count, 4)
        assert all(one.ids.shape == (count,) for one in self.sets)

    def ecef(self) -> NDArray[np.float64]:
        """The positions in ECEF metres: float64 (p, 3)."""
        turned: NDArray[np.float64] = self.positions @ self.frame[:3, :3].T + self.frame[:3, 3]
        return turned
