from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from smap.errors import CrsError
from smap.geo.crs import (
    KOREA,
    check_area,
    contradiction,
    fit,
    from_lonlat,
    outside_area,
    parse_crs,
    to_lonlat,
)

# Seoul City Hall in EPSG:5174, the numbers that the traps below misread
CITY_HALL_5174 = np.array([[197986.7455, 451579.8510]])
MODIFIED_BELT = (
    "+proj=tmerc +lat_0=38 +lon_0=127.0028902777778 +k=1 +x_0=200000 +y_0=500000 +ellps=bessel +units=m"
)
RIGHT_SHIFT = " +towgs84=-115.80,474.99,674.11,1.16,-2.31,-1.63,6.43"
COPIED_SHIFT = " +towgs84=-145.907,505.034,685.756,-1.162,2.347,1.592,6.342"


def test_city_hall_in_the_modified_central_belt_lands_at_city_hall() -> None:
    lon, lat = to_lonlat(parse_crs("EPSG:5174"), *CITY_HALL_5174.T)
    # 1e-7 degrees is 0.01 m
    np.testing.assert_allclose(np.degrees([lon[0], lat[0]]), [126.9780, 37.5665], atol=1e-7)


@pytest.mark.parametrize(
    ("read_as", "metres", "within"),
    [
        ("EPSG:5174", 0.0, 0.01),
        (MODIFIED_BELT + RIGHT_SHIFT, 0.05, 0.02),
        (MODIFIED_BELT + COPIED_SHIFT, 16.74, 0.1),
        ("EPSG:2097", 255.32, 0.1),
        ("EPSG:5181", 313.0, 1.0),
        ("EPSG:5186", 100_304.0, 100.0),
    ],
)
def test_misreading_the_modified_central_belt_moves_the_city_by(
    read_as: str, metres: float, within: float
) -> None:
    apart = contradiction(parse_crs("EPSG:5174"), parse_crs(read_as), CITY_HALL_5174)
    assert abs(apart - metres) < within


def test_a_datum_without_a_name_is_refused_and_the_code_it_resembles_is_named() -> None:
    with pytest.raises(CrsError, match="names no known datum; set crs = to EPSG:5174"):
        to_lonlat(parse_crs(MODIFIED_BELT), *CITY_HALL_5174.T)


def test_a_datum_without_a_name_contradicts_only_what_is_far_away() -> None:
    unnamed = parse_crs(MODIFIED_BELT)
    assert contradiction(unnamed, parse_crs("EPSG:5174"), CITY_HALL_5174) == 0.0
    assert contradiction(unnamed, parse_crs("EPSG:5186"), CITY_HALL_5174) > 99_000


@pytest.mark.parametrize("code", [4326, 5174, 5179, 5181, 5186, 2097])
@pytest.mark.parametrize("dialect", ["WKT1_ESRI", "WKT2_2019"])
def test_a_system_written_out_without_its_code_is_recognised(code: int, dialect: str) -> None:
    written = parse_crs(CRS.from_epsg(code).to_wkt(dialect))
    assert written == parse_crs(f"EPSG:{code}")
    assert written.code == f"EPSG:{code}"


def test_the_axes_are_always_longitude_first() -> None:
    lon, lat = to_lonlat(parse_crs("EPSG:4326"), 127.0, 37.5)
    np.testing.assert_allclose(np.degrees([lon, lat]), [127.0, 37.5], rtol=1e-15)


@pytest.mark.parametrize("text", ["EPSG:99999", "hello", "", "PROJCS[broken"])
def test_an_unknown_system_is_one_line_that_names_it(text: str) -> None:
    with pytest.raises(CrsError, match=r"^source 1: unknown CRS .*EPSG:5186") as caught:
        parse_crs(text, where="source 1")
    assert "\n" not in str(caught.value)


def test_a_system_that_is_no_map_is_refused() -> None:
    with pytest.raises(CrsError, match="neither geographic nor projected"):
        parse_crs("EPSG:5193")


def test_a_compound_system_is_split() -> None:
    crs = parse_crs("EPSG:5186+5193")
    assert (crs.code, crs.vertical) == ("EPSG:5186", "EPSG:5193")


@given(
    st.sampled_from(["EPSG:5174", "EPSG:5179", "EPSG:5181", "EPSG:5186", "EPSG:4737"]),
    st.floats(126.0, 128.0),
    st.floats(34.0, 38.3),
)
def test_a_position_comes_back_from_every_korean_grid(code: str, lon: float, lat: float) -> None:
    crs = parse_crs(code)
    back = to_lonlat(crs, *from_lonlat(crs, np.radians(lon), np.radians(lat)))
    # 2e-9 rad is 13 mm: Korean 1985 is shifted by a small-angle formula whose inverse is off by 5 mm
    np.testing.assert_allclose([float(v) for v in back], np.radians([lon, lat]), rtol=0, atol=2e-9)


def test_what_cannot_be_placed_is_nan_and_outside() -> None:
    crs = parse_crs("EPSG:5186")
    lon, lat = to_lonlat(crs, [198056.4, np.inf, np.nan, 1e12], [551885.0, 0.0, 0.0, 1e12])
    assert np.isnan(lon).tolist() == [False, True, True, True]
    assert outside_area(crs, lon, lat).tolist() == [False, True, True, True]


def test_a_latitude_beyond_the_pole_is_nowhere() -> None:
    lon, lat = to_lonlat(parse_crs("EPSG:4326"), 198056.4, 551885.0)
    assert np.isnan([float(lon), float(lat)]).all()


def test_data_in_its_area_passes() -> None:
    check_area(parse_crs("EPSG:5186"), (190_000, 540_000, 210_000, 560_000), where="a.shp")


def test_data_outside_its_area_names_the_codes_that_would_fit() -> None:
    with pytest.raises(
        CrsError, match=r"a\.shp: EPSG:5186 .* outside its area .*EPSG:5179 would put it at"
    ) as caught:
        check_area(parse_crs("EPSG:5186"), (953_000, 1_952_000, 954_000, 1_953_000), where="a.shp")
    assert "\n" not in str(caught.value)


def test_a_system_without_an_area_is_judged_by_korea() -> None:
    crs = parse_crs(MODIFIED_BELT + RIGHT_SHIFT)
    assert crs.area is None
    west, south, east, north = np.radians(KOREA)
    middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    assert not outside_area(crs, *middle)[0]
    assert outside_area(crs, middle[0] + 1.0, middle[1])[0]


def test_swapped_axes_fit_no_code() -> None:
    with pytest.raises(CrsError, match="are x and y swapped"):
        check_area(parse_crs("EPSG:5186"), (37.4, 126.8, 37.7, 127.2), where="a.geojson")


def test_the_best_fit_for_a_central_belt_sheet_is_the_one_that_lands_in_seoul() -> None:
    assert [s.code for s in fit(None, (197_000, 551_000, 199_000, 553_000))] == ["EPSG:5186"]
    assert fit(None, (126.9, 37.5, 127.0, 37.6))[0].code == "EPSG:4326"
