"""Links of content records to buildings: do they still hold in the tiles that are to be shown?

A record names its building by `smap_id`. A new vintage may have renamed it; then it is the building that
stands at the record's place with about the same area, where there is exactly one. All else is a broken link.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.treefile import body_of, read_nodes
from smap.formats.glb import decode_glb
from smap.formats.glb_tile import GlbTile
from smap.geo.ellipsoid import from_ecef, to_ecef
from smap.store import open_tiles

__all__ = ["Buildings", "Link", "Links", "links_of", "read_buildings", "resolve"]

_REACH_M = 5.0
"""A building is the same if its middle lies no farther from the record: what surveys of one roof differ by
(AL_D010 and OpenStreetMap in Seoul: mostly under 3 m), and less than from one house to the next."""
_AREA_SHARE = 0.1
"""By so much may the areas differ."""

Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Link:
    """What a record says of its building. lon, lat: radians; area: m², None where it is not known."""

    record: str
    smap_id: str
    lon: float
    lat: float
    area: float | None = None


@dataclass(frozen=True)
class Buildings:
    """What n buildings of tiles are known by.

    ids: object (n,). lonlat: float64 (n, 2), radians, the middle of the roof. area: float64 (n,), m² of it as
    seen from above.
    """

    ids: Texts
    lonlat: NDArray[np.float64]
    area: NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """kept: how many hold. found: those whose building has another `smap_id` now. broken: all others."""

    kept: int
    found: tuple[tuple[Link, str], ...]
    broken: tuple[Link, ...]


def links_of(snapshot: Path) -> list[Link]:
    """The links of all records of a content snapshot, by layer and id."""
    features = [
        (path.stem, feature)
        for path in sorted(snapshot.glob("*.geojson"))
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]
    ]
    return [_link(layer, feature) for layer, feature in features if "building" in feature["properties"]]


def _link(layer: str, feature: dict[str, Any]) -> Link:
    told = feature["properties"]
    flat = np.array(feature["geometry"]["coordinates"], np.float64).reshape(-1, 2)
    lon, lat = np.radians(flat.mean(axis=0)).tolist()
    return Link(f"{layer}/{feature['id']}", told["building"], lon, lat, told.get("building_area_m2"))


def read_buildings(archives: Iterable[Path]) -> Buildings:
    """All buildings and models of some archives, as their finest tiles draw them."""
    parts = [part for archive in archives for part in _of_archive(archive)]
    ids = [part.ids for part in parts] or [np.empty(0, object)]
    places = [part.lonlat for part in parts] or [np.empty((0, 2))]
    areas = [part.area for part in parts] or [np.empty(0)]
    return Buildings(np.concatenate(ids), np.concatenate(places), np.concatenate(areas))


def _of_archive(archive: Path) -> Iterator[Buildings]:
    with open_tiles(archive) as tiles:
        for _, node in read_nodes(tiles):
            if node.children or node.content is None:
                continue
            tile = decode_glb(body_of(tiles, node.content))
            if tile.table is not None and tile.feature_ids is not None and "smap_id" in tile.table.columns:
                yield _of_tile(tile, tile.table.columns["smap_id"].values, tile.feature_ids)


def _of_tile(tile: GlbTile, ids: Texts, feature_ids: NDArray[np.unsignedinteger[Any]]) -> Buildings:
    """Areas and middles of what looks up; what has no roof in the tile has no place either."""
    corners = tile.positions[tile.triangles]
    (x1, y1), (x2, y2) = ((corners[:, k] - corners[:, 0])[:, :2].T for k in (1, 2))
    area = np.maximum(0.5 * (x1 * y2 - y1 * x2), 0.0)
    feature = feature_ids[tile.triangles[:, 0]]
    whole = np.bincount(feature, area, len(ids)).astype(np.float64)
    middle = [np.bincount(feature, area * corners[:, :, k].mean(axis=1), len(ids)) for k in range(3)]
    has_roof = whole > 0.0
    local = np.column_stack(middle)[has_roof] / whole[has_roof, None]
    lon, lat, _ = from_ecef(local @ tile.frame[:3, :3].T + tile.frame[:3, 3])
    return Buildings(ids[has_roof], np.column_stack([lon, lat]), whole[has_roof])


def resolve(links: Iterable[Link], buildings: Buildings) -> Links:
    """Which links hold, which are found again by place and shape, and which are broken."""
    known = set(buildings.ids.tolist())
    lost = []
    kept: set[str] = set()
    held = 0
    for link in links:
        if link.smap_id in known:
            held += 1
            kept.add(link.smap_id)
        else:
            lost.append(link)
    places = _Places(buildings)
    found = [(link, places.at(link, kept)) for link in lost]
    return Links(
        held,
        tuple((link, smap_id) for link, smap_id in found if smap_id is not None),
        tuple(link for link, smap_id in found if smap_id is None),
    )


class _Places:
    """Buildings by place."""

    def __init__(self, buildings: Buildings) -> None:
        from scipy.spatial import cKDTree

        self._buildings = buildings
        self._tree = cKDTree(to_ecef(*buildings.lonlat.T))

    def at(self, link: Link, taken: set[str]) -> str | None:
        """The one building not `taken` at a link's place with about its area; None for none or several."""
        near = np.array(self._tree.query_ball_point(to_ecef(link.lon, link.lat), _REACH_M), np.int64)
        if link.area is not None:
            near = near[np.abs(self._buildings.area[near] - link.area) <= _AREA_SHARE * link.area]
        free = [str(name) for name in self._buildings.ids[near].tolist() if name not in taken]
        return free[0] if len(free) == 1 else None
