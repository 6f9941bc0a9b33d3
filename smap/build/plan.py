"""The plan: a city that is read and settled, cut into partitions, with all that its report will tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.partition import nodes_as_rows, nodes_of_rows
from smap.build.report_city import CityReport, Problem
from smap.build.sealed import seal, unseal
from smap.tiling.tree import Tree

__all__ = ["Part", "Plan"]


@dataclass(frozen=True)
class Part:
    """A partition: the number of its root in the tree, and the digest of its content.

    earlier: of the content that it was amended from.
    """

    root: int
    digest: str
    earlier: str | None = None


@dataclass(frozen=True)
class Plan:
    """tree: of the whole city, its order over the city's buildings.

    read, dropped: of features. bbox: degrees. warnings, figures, report, names: as in `Product`.
    beside: names in the cache of what the next change of the sources is told by.
    """

    tree: Tree
    parts: tuple[Part, ...]
    read: int
    dropped: Mapping[str, int]
    bbox: tuple[float, float, float, float]
    warnings: tuple[str, ...]
    figures: Mapping[str, Any]
    report: CityReport
    names: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def places(self) -> NDArray[np.float64]:
        """Where buildings stand, of those that may be told: float64 (m, 2), radians, m > 0."""
        west, south, east, north = self.bbox
        middle = np.array([[(west + east) / 2.0, (south + north) / 2.0]])
        return np.radians(self.report.places if len(self.report.places) else middle)

    def pack(self) -> bytes:
        """As sealed bytes."""
        rows, children = nodes_as_rows(self.tree.nodes)
        arrays: dict[str, NDArray[Any]] = {
            "order": self.tree.order,
            "nodes": rows,
            "places": self.report.places,
            "gone": self.report.gone,
            "names": np.array([*self.names, None], object)[:-1],
        }
        told = {
            "children": children,
            "parts": [(part.root, part.digest, part.earlier) for part in self.parts],
            "counted": (self.read, dict(self.dropped), self.bbox),
            "warnings": self.warnings,
            "figures": self.figures,
            "beside": self.beside,
            "report": _facts_of(self.report),
        }
        return seal(arrays, told)

    @staticmethod
    def unpack(data: bytes) -> Plan:
        """From the bytes of `pack`."""
        arrays, told = unseal(data)
        read, dropped, bbox = told["counted"]
        heights, estimate, problems = told["report"]
        return Plan(
            tree=Tree(arrays["order"], nodes_of_rows(arrays["nodes"], told["children"])),
            parts=tuple(Part(*part) for part in told["parts"]),
            read=read,
            dropped=dropped,
            bbox=tuple(bbox),
            warnings=tuple(told["warnings"]),
            figures=told["figures"],
            report=CityReport(
                heights=heights,
                estimate=estimate,
                problems=tuple(Problem(p["code"], p["count"], tuple(p["examples"])) for p in problems),
                places=arrays["places"],
                gone=arrays["gone"],
            ),
            names=tuple(arrays["names"].objects().tolist()),
            beside=tuple(told["beside"]),
        )


def _facts_of(report: CityReport) -> tuple[Any, Any, Any]:
    return dict(report.heights), dict(report.estimate), [problem.as_json() for problem in report.problems]
