"""What the tiles of buildings turned out to be: gathered as they are made, told as figures and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from smap.build.report_city import DrawnTile
from smap.build.tile import MadeTile
from smap.build.treefile import DrawnNode
from smap.scene.measure import areas, local_plane
from smap.tiling.lod import Content
from smap.tiling.tree import Node

__all__ = ["TOLD", "Drawn", "volume_of"]

TOLD = 3.0
"""A tile's geometricError is so many times the metres that it was measured to be wrong by. Clients ask for 16
pixels unless told otherwise; a house that lies so far off is seen to jump, one that lies 5 off hardly is."""
_LEAF_KB = (20.0, 200.0)
_MOST_KB = 200.0
"""A tile above makes a phone on a slow line wait for more than a second."""


@dataclass
class Drawn:
    """Tiles in the order of the tree, children first.

    errors: metres, as measured. kb: as stored and sent. volumes: m³ above the ground. told: for the report.
    """

    nodes: list[DrawnNode] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    kb: list[float] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)
    volumes: list[float] = field(default_factory=list)
    told: list[DrawnTile] = field(default_factory=list)

    def note(self, node: Node, made: MadeTile, error: float, volume: float) -> None:
        """One more tile."""
        self.nodes.append(DrawnNode(node, made.path, made.box, TOLD * error))
        self.errors.append(error)
        self.kb.append(len(made.entry.body) / 1000.0)
        self.triangles.append(made.triangles)
        self.volumes.append(volume)
        west, south, east, north = np.degrees(node.tile.region_rad).tolist()
        self.told.append(
            DrawnTile(
                level=node.tile.z,
                bounds_deg=(west, south, east, north),
                bytes=len(made.entry.body),
                triangles=made.triangles,
                error_m=error,
                is_leaf=not node.children,
            )
        )

    def figures(self) -> Mapping[str, Any]:
        """Counts and measures of the leaves, and of each level below the root."""
        leaf_kb = np.array([kb for kb, one in zip(self.kb, self.nodes, strict=True) if not one.node.children])
        fitting = (leaf_kb >= _LEAF_KB[0]) & (leaf_kb <= _LEAF_KB[1])
        shares = [of / sum(self.triangles[child] for child in below) for of, below in self._above()]
        return {
            "leaves": len(leaf_kb),
            "leaf_kb_median": round(float(np.median(leaf_kb)), 1),
            "leaf_kb_largest": round(float(leaf_kb.max()), 1),
            "leaves_of_20_to_200_kb": round(float(fitting.mean()), 3),
            "leaf_triangles": sum(
                count for count, one in zip(self.triangles, self.nodes, strict=True) if not one.node.children
            ),
            "root_kb": round(self.kb[-1], 1),
            "root_error_m": round(self.errors[-1], 1),
            "largest_share_of_triangles_above": round(max(shares, default=0.0), 3),
            **self._by_level(),
        }

    def warnings(self) -> Iterator[str]:
        """A line when tiles are larger than anyone should wait for."""
        large = [number for number, kb in enumerate(self.kb) if kb > _MOST_KB]
        if large:
            worst = max(large, key=lambda number: self.kb[number])
            yield (
                f"{len(large):,} of {len(self.kb):,} tiles are larger than {_MOST_KB:.0f} kB, the largest "
                f"{self.nodes[worst].content} with {self.kb[worst]:.0f} kB: keep fewer or shorter columns"
            )

    def _above(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        for count, one in zip(self.triangles, self.nodes, strict=True):
            if one.node.children:
                yield count, one.node.children

    def _by_level(self) -> Mapping[str, Mapping[str, Any]]:
        """Of each level: its tiles, their kB, their largest error and their smallest share of the volume."""
        levels = [0] * len(self.nodes)
        true = self.volumes.copy()
        for number, one in enumerate(self.nodes):
            if one.node.children:
                true[number] = sum(true[child] for child in one.node.children)
        for number in reversed(range(len(self.nodes))):
            for child in self.nodes[number].node.children:
                levels[child] = levels[number] + 1
        tiles, kb, error, volume = (dict[str, Any]() for _ in range(4))
        for number, level in sorted(enumerate(map(str, levels)), key=lambda pair: int(pair[1])):
            tiles[level] = tiles.get(level, 0) + 1
            kb[level] = round(kb.get(level, 0.0) + self.kb[number], 1)
            error[level] = max(error.get(level, 0.0), round(self.errors[number], 1))
            share = self.volumes[number] / max(true[number], 1e-9)
            volume[level] = min(volume.get(level, 1.0), round(share, 4))
        return {
            "tiles_by_level": tiles,
            "kb_by_level": kb,
            "largest_error_m_by_level": error,
            "least_share_of_volume_by_level": volume,
        }


def volume_of(content: Content) -> float:
    """m³ between the ground and the roofs of what a tile draws, by the outlines that it draws."""
    area = areas(content.footprints, local_plane(content.footprints))
    return float((area * (content.top - content.ground)).sum())
