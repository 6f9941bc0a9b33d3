from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.content.record import Geometry
from smap.content.systems import CRS84, SYSTEMS, around, box_of, meets_in, placed, system_of
from smap.errors import UsageError
from smap.geo.crs import from_lonlat, to_lonlat

LINE: Geometry = {"type": "LineString", "coordinates": [[126.98, 37.58], [127.0, 37.6], [127.01, 37.59]]}
GRIDS = [uri for uri in SYSTEMS if system_of(uri).crs is not None]


def xy(uri: str, geometry: Geometry) -> NDArray[np.float64]:
    crs = system_of(uri).crs
    assert crs is not None
    return np.column_stack(from_lonlat(crs, *np.radians(np.array(geometry["coordinates"])).T))


@given(
    st.sampled_from(GRIDS), *(st.floats(-500, 4000) for _ in range(2)), *(st.floats(0, 900) for _ in range(2))
)
def test_a_line_meets_a_box_of_a_grid_where_shapely_says_so(
    uri: str, x: float, y: float, width: float, height: float
) -> None:
    line = xy(uri, LINE)
    west, south = line.min(axis=0) + np.array([x, y])
    box = (west, south, west + width, south + height)
    apart = shapely.LineString(line).distance(shapely.box(*box))
    if apart == 0 or apart > 1e-6:
        assert meets_in(uri, LINE, box) == (apart == 0)


@given(st.sampled_from(GRIDS), st.floats(0, 1), st.floats(0, 1), st.floats(1, 300_000))
def test_what_lies_in_a_box_of_a_grid_lies_in_the_box_of_degrees_around_it(
    uri: str, right: float, up: float, size: float
) -> None:
    system = system_of(uri)
    assert system.crs is not None
    west, south = xy(uri, LINE)[0] - size / 2
    found = around((west, south, west + size, south + size), system)
    assert found is not None
    lon, lat = (
        float(np.degrees(v[0])) for v in to_lonlat(system.crs, [west + right * size], [south + up * size])
    )
    assert found[0] <= lon <= found[2]
    assert found[1] <= lat <= found[3]


def test_a_box_beyond_a_system_has_no_box_around_it() -> None:
    assert around((0.0, 0.0, 1e14, 1e14), system_of(GRIDS[1])) is None


@pytest.mark.parametrize("uri", SYSTEMS)
def test_a_placed_geometry_keeps_its_form_and_comes_to_a_millimetre(uri: str) -> None:
    area = {"type": "Polygon", "coordinates": [[[126.9, 37.5], [127.0, 37.5], [127.0, 37.6], [126.9, 37.5]]]}
    made = placed(area, system_of(uri))
    assert np.array(made["coordinates"]).shape == (1, 4, 2)
    digits = max(len(repr(value).partition(".")[2]) for value in np.ravel(made["coordinates"]).tolist())
    assert digits <= system_of(uri).digits


def test_a_box_is_read_in_the_order_of_the_axes() -> None:
    assert box_of((37.5, 126.9, 37.6, 127.0), system_of(SYSTEMS[1]), "bbox") == (126.9, 37.5, 127.0, 37.6)
    assert box_of((126.9, 37.5, 0, 127.0, 37.6, 9), system_of(CRS84), "bbox") == (126.9, 37.5, 127.0, 37.6)
    for values, uri in (((37.6, 126.9, 37.5, 127.0), SYSTEMS[1]), ((2.0, 1.0, 1.0, 2.0), GRIDS[0])):
        with pytest.raises(UsageError, match="bbox"):
            box_of(values, system_of(uri), "bbox")
    with pytest.raises(UsageError, match="EPSG/0/5186"):
        system_of("EPSG:5186")
