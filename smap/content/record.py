"""The shapes the content hands out: records, pages of them, layers, revisions, search hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

__all__ = [
    "Bbox",
    "Draft",
    "Geometry",
    "Hit",
    "LayerInfo",
    "Page",
    "Properties",
    "Record",
    "Revision",
    "Status",
]

Bbox: TypeAlias = tuple[float, float, float, float]
"""west, south, east, north in degrees, WGS84; west > east crosses the 180° meridian."""
Geometry: TypeAlias = dict[str, Any]
"""A GeoJSON geometry (RFC 7946): lon, lat in degrees, WGS84, two dimensions."""
Properties: TypeAlias = dict[str, Any]
"""Field name to text, number, truth value or list; fields without a value are left out."""
Status: TypeAlias = Literal["draft", "published"]


@dataclass(frozen=True)
class Draft:
    """What a person wants to say: a checked and normalised record that has no revision yet."""

    layer: str
    id: str
    geometry: Geometry
    properties: Properties


@dataclass(frozen=True)
class Record:
    """One revision of a record; `status` is "published" where this very revision is what the public sees."""

    layer: str
    id: str
    revision: int
    status: Status
    geometry: Geometry
    properties: Properties
    updated: datetime

    def as_feature(self) -> dict[str, Any]:
        """Give the record as a GeoJSON feature."""
        return {"type": "Feature", "id": self.id, "geometry": self.geometry, "properties": self.properties}


@dataclass(frozen=True)
class Page:
    """Some records of a list, and how many there are in all (`numberMatched`)."""

    records: Sequence[Record]
    matched: int


@dataclass(frozen=True)
class LayerInfo:
    """A layer as the public sees it: published records only; `extent` is None while it is empty."""

    id: str
    title: dict[str, str]
    count: int
    extent: Bbox | None


@dataclass(frozen=True)
class Revision:
    """One step of a record's history; `action` is created, saved, imported or deleted."""

    revision: int
    action: str
    author: str
    at: datetime
    published: bool
    geometry: Geometry
    properties: Properties


@dataclass(frozen=True)
class Hit:
    """A record that a search found; score in (0, 1], higher is better."""

    record: Record
    score: float
