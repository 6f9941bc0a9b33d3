"""Walking a tileset: its tiles, the tilesets it refers to, and the contents that must be looked at."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from smap.check.contents import ContentTask
from smap.check.findings import Findings, Issue, stored_bytes
from smap.check.json_rules import read_json
from smap.check.tileset_rules import check_document
from smap.check.volumes import Volume, volume_of
from smap.store import TileReader

__all__ = ["Walk", "walk_tileset"]

# Boxes lie along the axes of different places: corners of a child's may reach out of its parent's, though its
# content does not; that is measured with the same tolerance
_OUTSIDE_M = 0.05
_TILESET_KEYS = {"root", "geometricError"}


@dataclass
class Walk:
    """What a walk found: issues, contents to look at, names it reached; stored: those of the store."""

    stored: frozenset[str]
    issues: list[Issue] = field(default_factory=list)
    tasks: list[ContentTask] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)


def walk_tileset(reader: TileReader, name: str) -> Walk:
    """Walk from the tileset `name` through all that it refers to."""
    walk = Walk(frozenset(reader.names()))
    _walk_document(reader, name, walk, np.eye(4), (), ())
    return walk


def _walk_document(
    reader: TileReader,
    name: str,
    walk: Walk,
    transform: NDArray[np.float64],
    above: tuple[Volume, ...],
    open_names: tuple[str, ...],
) -> None:
    findings = Findings(name)
    walk.reached.add(name)
    data = stored_bytes(reader, name, findings)
    document = read_json(data, findings) if data is not None else None
    if document is not None:
        check_document(document, findings)
        if not any(issue.severity == "error" for issue in findings.issues):
            visit = _Visit(reader, name, walk, findings, (*open_names, name))
            visit.tile(document["root"], "/root", transform, above)
    walk.issues += findings.issues


@dataclass(frozen=True)
class _Visit:
    """One tileset.json under way; open_names: the tilesets from the outermost to this one."""

    reader: TileReader
    name: str
    walk: Walk
    findings: Findings
    open_names: tuple[str, ...]

    def tile(
        self, tile: dict[str, Any], place: str, above: NDArray[np.float64], volumes: tuple[Volume, ...]
    ) -> None:
        """One tile and all below it; `volumes`: those above it, the nearest first."""
        transform = above
        if "transform" in tile:
            transform = above @ np.array(tile["transform"], np.float64).reshape(4, 4).T
        volume = volume_of(tile["boundingVolume"], transform)
        if volume is not None:
            excess = _excess(volume, volumes)
            if excess > _OUTSIDE_M:
                said = f"it reaches {excess:.3f} m out of its parent's"
                self.findings.warning("CHILD_OUTSIDE_PARENT", f"{place}/boundingVolume", said)
            volumes = (volume, *volumes)
        contents = [tile["content"]] if "content" in tile else tile.get("contents", [])
        if "implicitTiling" in tile:
            self.findings.warning(
                "IMPLICIT_TILING_NOT_WALKED", place, "its subtrees and contents are not checked"
            )
            return
        for number, content in enumerate(contents):
            self._content(content, f"{place}/content/{number}", transform, volumes)
        for number, child in enumerate(tile.get("children", [])):
            self.tile(child, f"{place}/children/{number}", transform, volumes)

    def _content(
        self, content: dict[str, Any], place: str, transform: NDArray[np.float64], volumes: tuple[Volume, ...]
    ) -> None:
        inner = volume_of(content.get("boundingVolume", {}), transform)
        if inner is not None:
            excess = _excess(inner, volumes)
            if excess > _OUTSIDE_M:
                said = f"it reaches {excess:.3f} m out of its tile's"
                self.findings.error("BOUNDING_VOLUMES_INCONSISTENT", f"{place}/boundingVolume", said)
            volumes = (inner, *volumes)
        name = self._name_of(str(content.get("uri", content.get("url"))), place)
        if name is None:
            return
        if name not in self.walk.stored:
            self.findings.error("CONTENT_MISSING", place, f"there is no '{name}'")
        elif name in self.open_names:
            self.findings.error("TILESET_RECURSION", place, f"'{name}' refers to itself in the end")
        elif self._is_tileset(name):
            _walk_document(self.reader, name, self.walk, transform, volumes, self.open_names)
        elif name not in self.walk.reached:
            self.walk.reached.add(name)
            self.walk.tasks.append(ContentTask(name, f"{self.name}#{place}", transform, volumes))

    def _name_of(self, uri: str, place: str) -> str | None:
        """The path in the store that a URI stands for; None for addresses elsewhere, never fetched."""
        parts = urlsplit(uri)
        if parts.scheme or parts.netloc:
            self.findings.warning("CONTENT_ELSEWHERE", place, f"'{uri[:80]}' lies outside and is not checked")
            return None
        joined = posixpath.join(posixpath.dirname(self.name), unquote(parts.path))
        return posixpath.normpath(joined)

    def _is_tileset(self, name: str) -> bool:
        if not name.endswith(".json"):
            return False
        nobody = Findings(name)
        data = stored_bytes(self.reader, name, nobody)
        document = read_json(data, nobody) if data is not None else None
        return document is None or bool(_TILESET_KEYS & document.keys())


def _excess(inner: Volume, outer: tuple[Volume, ...]) -> float:
    return outer[0].excess(inner.points()) if outer else 0.0
