"""How high the drawn ground is: at a place, at many, along a line; by the terrains of the release."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.errors import FormatError, InputError, NotFoundError, StorageError, UsageError
from smap.ground.ground import Ground
from smap.ground.profile import SLOPE_SPACING_M, climb_of, length_of, sampled, slopes_of
from smap.server.answers import document_answer
from smap.server.body import read_json
from smap.server.caching import SHORT
from smap.server.negotiation import json_response
from smap.server.parameters import check_known, line_of, number_of
from smap.server.shelf import Shelf
from smap.server.wire import GroundSource, Height, Profile, ProfilePoint
from smap.store.release import ReleasedTileset

__all__ = ["LEAST_STEP_M", "MOST_PLACES", "MOST_POINTS", "Grounds", "height_routes"]

Floats = NDArray[np.float64]

MOST_PLACES = 10_000
"""Of one question: 30 ms of looking up all over Seoul, once its tiles are decoded (0.3 s)."""
MOST_POINTS = 2_000
"""Of one profile."""
USUAL_POINTS = 200
LEAST_STEP_M = 1.0


class Grounds:
    """The ground of each terrain that is on the shelf, read once. Safe to use from many threads."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Ground] = {}

    def height(self, lon_deg: float, lat_deg: float) -> Height:
        """The ground at a place. NotFoundError: no public terrain covers it; StorageError: it is damaged."""
        (found,) = self.heights(np.array([[lon_deg, lat_deg]]))
        if found is None:
            raise NotFoundError(f"no published terrain covers lon {lon_deg:g}, lat {lat_deg:g}")
        return found

    def heights(self, places: Floats) -> list[Height | None]:
        """The ground at places, float64 (n, 2) degrees; None where no public terrain covers one.

        Of terrains that lie over each other the first that is published counts.
        """
        found: list[Height | None] = [None] * len(places)
        left = np.arange(len(places))
        for item in self._terrains():
            within = left[_covers(item, places[left])]
            if not len(within):
                continue
            try:
                ground = self._ground(item)
                lon, lat = np.radians(places[within].T)
                known = ground.covers(lon, lat)
                lon, lat, within = lon[known], lat[known], within[known]
                drawn = ground.heights(lon, lat)
                metres = ground.above_datum(lon, lat, drawn), drawn
            except FormatError as error:
                raise StorageError(f"the terrain {item.name!r} is damaged: {error}") from error
            for at, above_sea, above_ellipsoid in zip(within.tolist(), *metres, strict=True):
                found[at] = _answer(item, ground, places[at], (float(above_sea), float(above_ellipsoid)))
            left = np.setdiff1d(left, within, assume_unique=True)
        return found

    def _terrains(self) -> list[ReleasedTileset]:
        release = self.shelf.release()
        return [
            item
            for item in (release.tilesets if release else ())
            if item.kind == "terrain" and item.access == "public"
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
    """GET and POST of /api/height and of /api/profile."""

    def height(request: Request) -> Response:
        check_known(request, {"lon", "lat", "f", "lang"})
        lon = number_of(request, "lon", low=-180, high=180)
        lat = number_of(request, "lat", low=-90, high=90)
        found = grounds.height(lon, lat)
        return document_answer(request, {**found}, title="Height", cache=SHORT)

    def profile(request: Request) -> Response:
        check_known(request, {"line", "step", "f", "lang"})
        found = _profile(grounds, line_of(request, "line"), _step(request))
        return document_answer(request, {**found}, title="Profile", cache=SHORT)

    async def many(request: Request) -> Response:
        check_known(request, set())
        places = _positions(await read_json(request))
        return await _in_thread(lambda: {"heights": grounds.heights(places)})

    async def along(request: Request) -> Response:
        check_known(request, {"step"})
        line, step = _line(await read_json(request)), _step(request)
        return await _in_thread(lambda: {**_profile(grounds, line, step)})

    return [
        Route("/api/height", height),
        Route("/api/height", many, methods=["POST"]),
        Route("/api/profile", profile),
        Route("/api/profile", along, methods=["POST"]),
    ]


async def _in_thread(work: Callable[[], dict[str, Any]]) -> Response:
    return json_response(await to_thread.run_sync(work))


def _step(request: Request) -> float | None:
    if "step" not in request.query_params:
        return None
    return number_of(request, "step", low=LEAST_STEP_M, high=1e6)


def _profile(grounds: Grounds, line: Floats, step_m: float | None) -> Profile:
    """Along a line (n, 2) in degrees, points every `step_m` metres, or about 200."""
    length = length_of(line)
    if len(line) > MOST_POINTS // 2 or (step_m is not None and length / step_m > MOST_POINTS / 2):
        raise UsageError(
            f"a profile has {MOST_POINTS} points at most; this line is {length:.0f} m long and has "
            f"{len(line)} corners: take {MOST_POINTS // 2} corners at most, and a step of "
            f"{max(math.ceil(2 * length / MOST_POINTS), 1)} m or more"
        )
    step = max(length / USUAL_POINTS, LEAST_STEP_M) if step_m is None else step_m
    places, way = sampled(line, step)
    found = grounds.heights(places)
    known = [one for one in found if one is not None]
    if not known:
        raise NotFoundError("no published terrain covers any of this line")
    heights = np.array([math.nan if one is None else one["height_orthometric_m"] for one in found])
    climb, descent = climb_of(heights)
    told = all(one["spacing_m"] is not None and one["spacing_m"] <= SLOPE_SPACING_M for one in known)
    slopes = slopes_of(way, heights) if told else np.full(len(way), math.nan)
    return Profile(
        length_m=round(length, 1),
        climb_m=round(climb, 1),
        descent_m=round(descent, 1),
        slope="known" if told else "not known",
        sources=_sources(known),
        points=[_point(*each) for each in zip(places, way, found, slopes, strict=True)],
    )


def _point(place: Floats, way: float, found: Height | None, slope: float) -> ProfilePoint:
    return ProfilePoint(
        lon=round(float(place[0]), 7),
        lat=round(float(place[1]), 7),
        distance_m=round(float(way), 2),
        height_orthometric_m=found and found["height_orthometric_m"],
        height_ellipsoidal_m=found and found["height_ellipsoidal_m"],
        slope_percent=None if math.isnan(slope) else round(float(slope), 1),
    )


def _sources(known: list[Height]) -> list[GroundSource]:
    """Each source once, in the order along the line."""
    pairs = dict.fromkeys((one["source"], one["spacing_m"]) for one in known)
    return [GroundSource(source=source, spacing_m=spacing) for source, spacing in pairs]


def _positions(body: object) -> Floats:
    positions = body.get("positions") if isinstance(body, dict) else None
    return _places(positions, "positions", least=1)


def _line(body: object) -> Floats:
    """The corners of a GeoJSON LineString, or of a Feature that has one."""
    geometry = body.get("geometry") if isinstance(body, dict) and body.get("type") == "Feature" else body
    if not isinstance(geometry, dict) or geometry.get("type") != "LineString":
        raise InputError("the body must be a GeoJSON LineString, or a Feature with one")
    return _places(geometry.get("coordinates"), "coordinates", least=2)


def _places(listed: object, name: str, *, least: int) -> Floats:
    """Positions as float64 (n, 2), degrees; a height that comes with one is left out."""
    if not isinstance(listed, list) or not least <= len(listed) <= MOST_PLACES:
        raise InputError(
            f"{name}: a list of {least} to {MOST_PLACES} positions is wanted: [[127.0, 37.5], …]"
        )
    places = np.empty((len(listed), 2))
    for number, one in enumerate(listed):
        pair = one[:2] if isinstance(one, list) and len(one) in (2, 3) else []
        if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in pair) or len(pair) < 2:
            raise InputError(f"{name}[{number}]: {one!r:.60} is no position of longitude and latitude")
        if not (-180 <= pair[0] <= 180 and -90 <= pair[1] <= 90):
            raise InputError(f"{name}[{number}]: {one!r:.60} leaves the earth: longitude first, in degrees")
        places[number] = pair
    return places


def _covers(item: ReleasedTileset, places: Floats) -> NDArray[np.bool_]:
    west, south, east, north = item.bbox
    lon, lat = places.T
    return np.asarray((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))


def _answer(item: ReleasedTileset, ground: Ground, at: Floats, heights: tuple[float, float]) -> Height:
    """Rounded to centimetres: no terrain of ours is surer than that."""
    spacing = round(ground.spacing_m, 2) if math.isfinite(ground.spacing_m) else None
    return Height(
        lon=float(at[0]),
        lat=float(at[1]),
        height_orthometric_m=round(heights[0], 2),
        height_ellipsoidal_m=round(heights[1], 2),
        source=ground.source or item.name,
        spacing_m=spacing,
    )
