"""The sample's ground: peaks where they are, ridges and valleys as in the real elevation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.warp import transform

from smap.sample.facts import ERAS
from smap.sample.ground import make_ground
from smap.sample.landmarks import outlines
from smap.sample.landmarks.facts import outline, read_landmarks
from smap.sample.write import City
from tests.sample.conftest import FACTS

PLACE_M, HEIGHT_M = 60.0, 5.0
"""So far at most may a peak be from its written place and height."""


def test_every_summit_keeps_its_written_height_at_its_written_place(city: City) -> None:
    offsets = np.stack(np.meshgrid(np.arange(-60, 61, 5), np.arange(-60, 61, 5)), axis=-1)
    offsets = offsets[np.hypot(offsets[..., 0], offsets[..., 1]) <= PLACE_M]
    for summit in city.facts.summits:
        highest = city.ground.heights_at(summit.xy[0] + offsets).max()
        assert abs(highest - summit.height_m[0]) < HEIGHT_M, summit.name


@pytest.mark.parametrize("name", ["백악", "인왕산", "목멱산", "낙산", "안산"])
def test_the_great_peaks_are_the_highest_ground_within_200_m(city: City, name: str) -> None:
    summit = next(s for s in city.facts.summits if s.name.startswith(name))
    offsets = np.stack(np.meshgrid(np.arange(-200, 201, 5), np.arange(-200, 201, 5)), axis=-1).reshape(-1, 2)
    top = offsets[city.ground.heights_at(summit.xy[0] + offsets).argmax()]
    assert np.hypot(*top) < PLACE_M


def test_a_crest_is_higher_than_the_ground_60_m_to_both_sides(city: City) -> None:
    higher = []
    for ridge in city.facts.ridges:
        along = np.diff(ridge.xy, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
        middle = ridge.xy[:-1] + along / 2
        sides = [city.ground.heights_at(middle + way * across) for way in (-60.0, 60.0)]
        higher.append(city.ground.heights_at(middle) > np.mean(sides, axis=0))
    assert (
        np.concatenate(higher).mean() > 0.8
    )  # the rest lie on spurs whose rock sways to one side, or where two crests meet


def test_water_runs_down_every_stream(city: City) -> None:
    for stream in city.facts.streams:
        heights = city.ground.heights_at(stream.bed.xy[::15])
        assert (np.diff(heights) < 3.0).all(), stream.bed.name  # of two points some 300 m apart


def test_the_shore_of_a_water_is_level(city: City) -> None:
    for water in city.facts.waters:
        inside = shapely.intersection(shapely.box(*city.facts.extent()), shapely.linearrings(water.outline))
        shore = city.ground.heights_at(shapely.get_coordinates(inside))
        assert np.abs(shore - water.height_m).max() < 0.05, water.name  # a stone edge is laid by level


@pytest.mark.real
def test_the_ground_agrees_with_the_real_elevation(city: City, seoul_data: Path) -> None:
    ours, real = pair(city, seoul_data)
    assert np.corrcoef(ours, real)[0, 1] >= 0.9


@pytest.mark.real
def test_no_mountain_is_missing(city: City, seoul_data: Path) -> None:
    ours, real = pair(city, seoul_data)
    # the model of 90 m cells reads low: where it sees a mountain, ours is never a plain
    assert (ours[real > 120.0] > 60.0).all()


def test_the_ground_is_level_under_every_landmark_so_that_no_hall_floats_or_sinks(city: City) -> None:
    """To half a metre, a step of its stairs: where two stand close together they share the slope."""
    plane = city.facts.plane
    rings = [plane.to_plane(ring[:, 0], ring[:, 1]) for era in ERAS for ring in outlines(FACTS, era)]
    ground = make_ground(city.facts, rings)
    for one in read_landmarks(FACTS / "landmarks.toml"):
        ring = outline(one)
        shape = shapely.polygons(plane.to_plane(ring[:, 0], ring[:, 1]))
        west, south, east, north = shapely.bounds(shape).tolist()
        under = np.stack(np.meshgrid(np.linspace(west, east, 40), np.linspace(south, north, 40)), axis=-1)
        under = under[shapely.contains(shape, shapely.points(under))]
        assert np.ptp(ground.heights_at(under)) < 0.5, one.id


def pair(city: City, folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Our heights and the real ones every 80 m or so, float64 (n,)."""
    west, south, east, north = city.facts.bounds_deg
    lon, lat = np.meshgrid(np.linspace(west, east, 90), np.linspace(south, north, 100))
    with rasterio.open(folder / "terrain" / "seoul_dem_90m_epsg5186.tif") as raster:
        x, y = transform("EPSG:4326", "EPSG:5186", lon.ravel(), lat.ravel())
        real = np.array([v[0] for v in raster.sample(zip(x, y, strict=True))], np.float64)
    known = real > -100.0  # -9999 is no height
    ours = city.ground.heights_at(city.facts.plane.to_plane(lon, lat)).ravel()
    return ours[known], real[known]
