"""/api/height: how high the drawn ground is at a place, from the terrain of the current release."""

from __future__ import annotations

import math
import threading

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.errors import FormatError, NotFoundError, StorageError
from smap.ground.ground import Ground
from smap.server.answers import document_answer
from smap.server.caching import SHORT
from smap.server.parameters import check_known, number_of
from smap.server.shelf import Shelf
from smap.server.wire import Height
from smap.store.release import ReleasedTileset

__all__ = ["Grounds", "height_routes"]


class Grounds:
    """The ground of each terrain that is on the shelf, read once. Safe to use from many threads."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Ground] = {}

    def height(self, lon_deg: float, lat_deg: float) -> Height:
        """The ground at a place. NotFoundError: no public terrain covers it; StorageError: it is damaged."""
        lon, lat = np.array([math.radians(lon_deg)]), np.array([math.radians(lat_deg)])
        for item in self._terrains(lon_deg, lat_deg):
            try:
                ground = self._ground(item)
                if ground.covers(lon, lat)[0]:
                    heights = float(ground.orthometric(lon, lat)[0]), float(ground.heights(lon, lat)[0])
                    return _answer(item, ground, (lon_deg, lat_deg), heights)
            except FormatError as error:
                raise StorageError(f"the terrain {item.name!r} is damaged: {error}") from error
        raise NotFoundError(f"no published terrain covers lon {lon_deg:g}, lat {lat_deg:g}")

    def _terrains(self, lon: float, lat: float) -> list[ReleasedTileset]:
        release = self.shelf.release()
        return [
            item
            for item in (release.tilesets if release else ())
            if item.kind == "terrain" and item.access == "public" and _covers(item, lon, lat)
        ]

    def _ground(self, item: ReleasedTileset) -> Ground:
        with self._lock:
            key = (item.name, item.version)
            if key not in self._known:
                shelved = self.shelf.find("terrain", item.name, item.version)
                if shelved is None:
                    raise NotFoundError(f"the terrain {item.name!r} is not on the shelf any more")
                self._known[key] = Ground(shelved.reader)
            return self._known[key]


def height_routes(grounds: Grounds) -> list[Route]:
    """The one address."""

    def height(request: Request) -> Response:
        check_known(request, {"lon", "lat", "f", "lang"})
        lon = number_of(request, "lon", low=-180, high=180)
        lat = number_of(request, "lat", low=-90, high=90)
        found = grounds.height(lon, lat)
        return document_answer(request, {**found}, title="Height", cache=SHORT)

    return [Route("/api/height", height)]


def _covers(item: ReleasedTileset, lon: float, lat: float) -> bool:
    west, south, east, north = item.bbox
    return west <= lon <= east and south <= lat <= north


def _answer(
    item: ReleasedTileset, ground: Ground, at: tuple[float, float], heights: tuple[float, float]
) -> Height:
    """Rounded to centimetres: no terrain of ours is surer than that."""
    spacing = round(ground.spacing_m, 2) if math.isfinite(ground.spacing_m) else None
    return Height(
        lon=at[0],
        lat=at[1],
        height_orthometric_m=round(heights[0], 2),
        height_ellipsoidal_m=round(heights[1], 2),
        source=ground.source or item.name,
        spacing_m=spacing,
    )
