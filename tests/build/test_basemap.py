"""Base maps from recipes: what the archive holds, how it looks, how it resumes, what it refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from PIL import Image

from smap.build.basemap_ink import areas, lines
from smap.build.basemap_read import ground_of, read_sources
from smap.build.basemap_sheet import SheetTask, picture_of
from smap.build.basemap_tunnels import are_tunnels
from smap.build.recipe import read_recipe
from smap.errors import SmapError
from smap.formats import mvt
from smap.formats.tilejson import decode, near_path
from smap.geo.crs import from_lonlat, parse_crs
from smap.sources.elevation import Elevation
from smap.sources.mapfile import MapSpec, read_shapes
from smap.sources.raster import RasterSpec, open_raster
from smap.store.archive import ArchiveReader
from smap.tiling.basemap import TILE, Sheet, unit_of
from tests.build.mapmade import AREA, at, build_map, write_map
from tests.sources.rasters import write_raster


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    return Path(build_map(write_map(folder), folder / "var").out) / "made.3tz"


_ROADS_ONLY = """
[[source]]
path = "hills.tif"
draws = "relief"
[[source]]
path = "roads.json"
member = "arterial"
draws = "arterial"
"""
_WATER = '[[source]]\npath = "nature.geojson"\nwhere = "k = \'water\'"\ndraws = "water"\n'
_BOUNDARY = '[[source]]\npath = "gu.geojson"\ndraws = "boundary"\n'


def entry(archive: Path, path: str) -> bytes:
    with ArchiveReader(archive) as reader:
        tile = reader.get(path)
    assert tile is not None
    return tile.identity()


def pixels(archive: Path, look: str, z: int, x: float, y: float, *, reach: int = 1) -> NDArray[np.float64]:
    """The mean colour around the place at shares of the area."""
    column, row = (unit_of(np.array([at(x, y)]))[0] * (TILE << z)).astype(int).tolist()
    picture = Image.open(io.BytesIO(entry(archive, f"{look}/{z}/{column // TILE}/{row // TILE}.webp")))
    left, top = column % TILE, row % TILE
    box = (max(left - reach, 0), max(top - reach, 0), min(left + reach + 1, TILE), min(top + reach + 1, TILE))
    return np.asarray(np.asarray(picture.crop(box)).reshape(-1, 3).mean(axis=0), np.float64)


def test_the_archive_holds_what_its_tile_json_lists_and_nothing_else(built: Path) -> None:
    with ArchiveReader(built) as reader:
        names = list(reader.names())
    described = decode(entry(built, "tile.json"))
    listed = {
        f"{look}/{s.z}/{x}/{y}.webp"
        for look in described.looks
        for s in described.spans
        for x in range(s.west, s.east + 1)
        for y in range(s.north, s.south + 1)
    }
    assert described.near is not None
    s = described.near.span
    listed |= {near_path(s.z, x, y) for x in range(s.west, s.east + 1) for y in range(s.north, s.south + 1)}
    assert names[:2] == ["tileset.json", "tile.json"]
    assert set(names[2:]) == listed
    assert described.levels == (12, 14)
    assert json.loads(entry(built, "tileset.json"))["extras"]["tiles"] == "tile.json"


def test_every_tile_is_a_webp_of_256_pixels(built: Path) -> None:
    with ArchiveReader(built) as reader:
        for name in (n for n in reader.names() if n.endswith(".webp")):
            picture = Image.open(io.BytesIO(entry(built, name)))
            assert (picture.format, picture.size) == ("WEBP", (256, 256))


def test_a_tile_is_stored_as_it_is(built: Path) -> None:
    with ArchiveReader(built) as reader:
        tiles = [reader.get(name) for name in reader.names() if name.endswith(".webp")]
    assert {tile.encoding for tile in tiles if tile is not None} == {None}


def test_water_is_blue_a_park_is_green_and_a_road_is_bright(built: Path) -> None:
    water, green = pixels(built, "day", 14, 0.7, 0.4), pixels(built, "day", 14, 0.2, 0.35)
    road = pixels(built, "day", 14, 0.5, 0.525, reach=0)
    assert water[2] > water[0] + 20
    assert green[1] > max(green[0], green[2]) + 5
    assert road[0] > 225
    assert road[0] > road[2] + 30


def test_the_night_is_dark_and_its_roads_are_lit(built: Path) -> None:
    ground = pixels(built, "night", 14, 0.9, 0.9)
    road = pixels(built, "night", 14, 0.5, 0.525, reach=0)
    assert ground.max() < 70
    assert road[0] > ground[0] + 60


def lines_near(archive: Path, layer: str) -> shapely.Geometry:
    """All lines or rings of a layer of the vector tiles, in Web Mercator from 0 to 1."""
    near = decode(entry(archive, "tile.json")).near
    assert near is not None
    span, parts = near.span, []
    for x in range(span.west, span.east + 1):
        for y in range(span.north, span.south + 1):
            found = mvt.decode(entry(archive, near_path(span.z, x, y))).get(layer)
            if found is not None:
                ends = np.flatnonzero(np.diff(found.owner, append=-1))
                firsts = np.r_[0, ends[:-1] + 1]
                assert (found.xy[firsts] != found.xy[ends]).any(axis=1).all()  # a ring closes itself
                unit = (found.xy / mvt.EXTENT + [x, y]) / (1 << span.z)
                make = shapely.linestrings if found.kind == "lines" else shapely.linearrings
                parts += list(make(unit, indices=found.owner))
    return shapely.multilinestrings(parts)


def test_near_the_eye_roads_are_the_lines_of_their_source(built: Path) -> None:
    drawn = lines_near(built, "arterial")
    source = shapely.linestrings(unit_of(np.array([at(0.0, 0.5), at(1.0, 0.55)])))
    unit = 1.0 / (mvt.EXTENT << 16)
    assert shapely.hausdorff_distance(drawn, source) < 1.5 * unit
    assert shapely.length(drawn) == pytest.approx(shapely.length(source), abs=12 * unit)


def test_near_the_eye_water_is_the_area_of_its_source_cut_at_the_sides_of_tiles(tmp_path: Path) -> None:
    recipe = write_map(tmp_path, levels="min = 12\nmax = 12")
    nature = json.loads((tmp_path / "nature.geojson").read_text())
    nature["features"][1]["geometry"]["coordinates"] = [
        [at(0.1, 0.1), at(0.1, 0.9), at(0.9, 0.9), at(0.9, 0.1), at(0.1, 0.1)],
        [at(0.2, 0.2), at(0.2, 0.3), at(0.3, 0.3), at(0.3, 0.2), at(0.2, 0.2)],
    ]
    (tmp_path / "nature.geojson").write_text(json.dumps(nature))
    rings = shapely.get_parts(lines_near(Path(build_map(recipe, tmp_path / "var").out) / "made.3tz", "water"))
    assert len(rings) > 8
    xy = [shapely.get_coordinates(ring) for ring in rings]
    # outer rings run one way round and holes the other: what they enclose together is the area
    enclosed = sum(float(p[:-1, 0] @ p[1:, 1] - p[1:, 0] @ p[:-1, 1]) / 2.0 for p in xy)
    (west, north), (east, south) = unit_of(np.array([at(0, 0), at(1, 1)]))
    assert enclosed == pytest.approx((0.64 - 0.01) * (east - west) * (south - north), rel=1e-3)


def test_at_night_water_is_told_from_the_ground_by_its_blue(built: Path) -> None:
    water, ground = pixels(built, "night", 14, 0.7, 0.4), pixels(built, "night", 14, 0.9, 0.9)
    assert water[2] > ground[2] + 12
    assert water[2] > water[0] + 30


def test_two_carriageways_with_a_slit_between_are_one_road_unless_water_runs_there(tmp_path: Path) -> None:
    # at level 16 a carriageway is 8.2 pixels wide; 11.5 from middle to middle leave a slit of 3.3
    z = 16
    height = unit_of(np.array([at(0, 1)]))[0, 1] - unit_of(np.array([at(0, 0)]))[0, 1]
    apart = 11.5 / (TILE << z) / height
    roads = {"arterial": [[at(0, y), at(1, y)] for y in (0.4, 0.4 + apart)], "mid": [[at(0, 0), at(0, 1)]]}
    levels = f"area = {[*at(0.5, 0.5), *at(0.75, 0.3)]}\nmin = {z}\nmax = {z}"
    recipe = write_map(tmp_path, levels=levels, roads=roads, sources=_ROADS_ONLY + _WATER)
    archive = Path(build_map(recipe, tmp_path / "var").out) / "made.3tz"
    slit, road = (pixels(archive, "day", z, 0.55, 0.4 + apart * k, reach=0) for k in (0.5, 0.0))
    assert np.abs(slit - road).max() < 8
    stream = pixels(archive, "day", z, 0.7, 0.4 + apart * 0.5, reach=0)
    assert stream[2] - stream[0] > road[2] - road[0] + 40  # bluer by far, between the casings


def test_a_boundary_that_two_areas_share_is_one_dashed_line(tmp_path: Path) -> None:
    recipe = write_map(tmp_path, sources=_ROADS_ONLY + _BOUNDARY)
    areas_ = [
        [at(0, 0.2), at(0, 0.9), at(1, 0.9), at(1, 0.4)],
        [at(0, 0.2), at(0, 0.1), at(1, 0.1), at(1, 0.4)],
    ]
    features = [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        }
        for ring in areas_
    ]
    (tmp_path / "gu.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    z = 14
    x, y = np.floor(unit_of(np.array([at(0.5, 0.3)]))[0] * (1 << z)).astype(int).tolist()
    xy, owner = sheet_task(Sheet(z, x, y, 1, 1), recipe).shapes["boundary"]
    dashes = [shapely.linestrings(xy[owner == k]) for k in np.unique(owner)]
    assert len(dashes) > 10
    assert shapely.length(dashes).max() < 7.01
    inner = [one for one in dashes if 20 < one.centroid.x - min(xy[:, 0]) < np.ptp(xy[:, 0]) - 20]
    near = shapely.STRtree(inner).query(inner, predicate="dwithin", distance=3.0)
    assert (near[0] == near[1]).all()  # none lies in another's gap, which is 4.5 pixels


def test_two_builds_give_the_same_bytes_whatever_works_on_them(tmp_path: Path, built: Path) -> None:
    again = Path(build_map(write_map(tmp_path), tmp_path / "var", jobs=2).out) / "made.3tz"
    assert again.read_bytes() == built.read_bytes()


def test_a_second_build_draws_nothing_again(tmp_path: Path) -> None:
    recipe = write_map(tmp_path)
    first, second = build_map(recipe, tmp_path / "var"), build_map(recipe, tmp_path / "var")
    assert (first.reused, second.reused) == (0, second.tiles)
    assert first.version == second.version
    assert build_map(recipe, tmp_path / "var", force=True).reused == 0


def test_a_sheet_that_is_damaged_in_the_cache_is_drawn_again(tmp_path: Path) -> None:
    recipe = write_map(tmp_path)
    first = build_map(recipe, tmp_path / "var")
    some = next((tmp_path / "var" / "cache" / "made").glob("sheet-*"))
    some.write_bytes(some.read_bytes()[:-1] + b"x")
    second = build_map(recipe, tmp_path / "var")
    assert 0 < second.reused < second.tiles
    assert first.version == second.version


def test_one_changed_road_draws_only_the_sheets_it_touches(tmp_path: Path) -> None:
    levels = "min = 17\nmax = 17"
    build_map(write_map(tmp_path, levels=levels), tmp_path / "var")
    roads = {
        "arterial": [[at(0.0, 0.5), at(1.0, 0.55)]],
        "mid": [[at(0.3, 0.0), at(0.3, 1.0)], [at(0.9, 0.9), at(0.95, 0.95)]],
    }
    second = build_map(write_map(tmp_path, levels=levels, roads=roads), tmp_path / "var")
    assert 0 < second.reused < second.tiles


def test_a_finer_area_goes_on_where_the_whole_map_ends(tmp_path: Path) -> None:
    area = [*at(0.4, 0.6), *at(0.6, 0.4)]
    levels = f"min = 12\nmax = 13\n[[levels.finer]]\narea = {area}\nmax = 15"
    report = build_map(write_map(tmp_path, levels=levels), tmp_path / "var")
    described = decode(entry(Path(report.out) / "made.3tz", "tile.json"))
    assert described.levels == (12, 15)
    assert set(report.figures["tiles_by_level"]) == {"12", "13", "14", "15"}


def test_the_report_counts_what_was_read_and_drawn(tmp_path: Path) -> None:
    roads = {"arterial": [[at(0, 0.5), at(1, 0.5)]], "mid": [[at(0.3, 0), at(0.3, 1)], [at(0.5, 0.5)]]}
    report = build_map(write_map(tmp_path, roads=roads), tmp_path / "var")
    assert report.dropped == {"no_geometry": 1}
    assert (report.features_read, report.features_built) == (6, 5)
    assert report.figures["drawn"] == {"green": 1, "water": 1, "street": 1, "arterial": 1}


def sheet_task(sheet: Sheet, recipe: Path) -> SheetTask:
    rule = read_recipe(recipe).basemap
    assert rule is not None
    return ground_of(read_sources(rule)).task(sheet)


@pytest.mark.parametrize("look", ["day", "night"])
def test_neighbouring_sheets_meet_without_a_seam(tmp_path: Path, look: str) -> None:
    recipe = write_map(tmp_path)
    z = 15
    x, y = np.floor(unit_of(np.array([at(0.3, 0.5)]))[0] * (1 << z)).astype(int).tolist()
    whole = np.asarray(picture_of(sheet_task(Sheet(z, x - 1, y - 1, 3, 3), recipe), look)).astype(int)
    alone = np.asarray(picture_of(sheet_task(Sheet(z, x, y, 1, 1), recipe), look)).astype(int)
    part = whole[TILE : 2 * TILE, TILE : 2 * TILE]
    # AGG rounds positions to 1/256 of a pixel: a sheet's corner may move an edge by so much
    assert np.abs(part - alone).max() <= 4
    assert np.abs(part - alone).mean() < 0.02


def test_ink_covers_what_areas_share_once_and_leaves_holes_free() -> None:
    square = np.array([[10, 10], [10, 60], [60, 60], [60, 10], [10, 10]], np.float32)
    hole = np.array([[20, 20], [40, 20], [40, 40], [20, 40], [20, 20]], np.float32)
    cover = np.asarray(areas((80, 80), [square[::-1], hole[::-1]]))
    assert (cover[15, 15], cover[30, 30], cover[50, 50], cover[70, 70]) == (255, 0, 255, 0)


@pytest.mark.parametrize("width", [1.4, 6.0])
def test_ink_is_as_wide_as_it_is_asked_for(width: float) -> None:
    cover = np.asarray(lines((100, 100), [np.array([[0, 50.25], [100, 50.25]], np.float32)], width))
    assert cover[:, 50].sum() / 255.0 == pytest.approx(width, abs=0.03)


def test_wide_lines_join_roundly() -> None:
    corner = np.array([[20, 80], [50, 20], [80, 80]], np.float32)
    cover = np.asarray(lines((100, 100), [corner], 20.0))
    assert cover[11, 50] == 255
    assert not cover[:9].any()  # a mitre would reach up to 22 pixels above the corner


@pytest.mark.parametrize(
    ("bulge_m", "straight", "expected"), [(60.0, True, True), (60.0, False, False), (15.0, True, False)]
)
def test_a_straight_road_under_a_steep_hill_is_a_tunnel(
    tmp_path: Path, bulge_m: float, straight: bool, expected: bool
) -> None:
    x = np.arange(50.0)
    ridge = 40.0 + bulge_m * np.exp(-((x - 25.0) ** 2) / 18.0)
    path = write_raster(tmp_path / "ridge.tif", np.tile(ridge.astype(np.float32), (40, 1)))
    elevation = Elevation((open_raster(RasterSpec(path)),))
    middle = [] if straight else [at(0.5, 0.1)]
    line = shapely.linestrings([at(0.2, 0.5), *middle, at(0.8, 0.5)])
    assert are_tunnels(np.array([line], object), elevation).tolist() == [expected]


def length_m(line: shapely.Geometry) -> float:
    east, north = from_lonlat(parse_crs("EPSG:5186"), *np.radians(shapely.get_coordinates(line)).T)
    return float(np.hypot(np.diff(east), np.diff(north)).sum())


@pytest.mark.real
def test_the_three_tunnels_of_namsan_are_found_and_the_road_around_it_is_not(seoul_data: Path) -> None:
    raster = open_raster(RasterSpec(seoul_data / "terrain" / "seoul_dem_90m_epsg5186.tif", "EPSG:5186"))
    roads = str(seoul_data / "transport" / "seoul_osm_roads.json.gz")
    read = [read_shapes(MapSpec(roads, member=m), "lines").shapes for m in ("arterial", "mid")]
    shapes = np.concatenate(read)
    near = shapes[shapely.within(shapes, shapely.box(126.978, 37.54, 127.004, 37.558))]
    found = near[are_tunnels(near, Elevation((raster,)))]
    # Published lengths of the tunnels no. 1, 2 and 3: 1,530, 1,620 and 1,280 m; each is two lines here
    lengths = sorted(round(length_m(one)) for one in found)
    assert lengths == pytest.approx([1280, 1280, 1530, 1530, 1620, 1620], abs=45)


ROAD = '[[source]]\npath = "roads.json"\n'
NATURE = '[[source]]\npath = "nature.geojson"\n'
RELIEF = '[[source]]\npath = "hills.tif"\ndraws = "relief"\n'


@pytest.mark.parametrize(
    ("sources", "levels", "message"),
    [
        (RELIEF + ROAD + 'draws = "railway"', "", r"draws: 'railway' is unknown; known: relief, city, green"),
        (RELIEF + ROAD + 'draws = "street"', "", r"member = "),
        (RELIEF + ROAD + 'member = "main"\ndraws = "street"', "", r"no member 'main'; .* has: arterial, mid"),
        (RELIEF + ROAD + 'member = "mid"\ndraws = "green"', "", r"holds no areas"),
        (ROAD + 'member = "mid"\ndraws = "street"', "", r"no source draws the relief"),
        (RELIEF + '[[source]]\npath = "gone.geojson"\ndraws = "green"', "", r"gone.geojson: no such file"),
        (RELIEF + NATURE + 'where = "k = \'x\'"\ndraws = "green"', "", r"the layer is empty"),
        (RELIEF + NATURE + 'kind = 1\ndraws = "green"', "", r"kind: unknown key"),
        (RELIEF, "min = 3\nmax = 40", r"\[levels\] max: 40 is no level of a base map: give 0 to 20"),
        (RELIEF, "min = 15\nmax = 14", r"\[levels\] min: 15 is finer than max = 14"),
        (RELIEF, "max = 14\n[[levels.finer]]\nmax = 16", r"area: missing"),
        (RELIEF, "[[levels.finer]]\nmax = 16\narea = [126, 37, 127, 38]", r"no finer than the whole"),
        (RELIEF, "area = [127.0, 37.5, 126.9, 37.6]", r"area: .* is no area"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_one_clear_line(
    tmp_path: Path, sources: str, levels: str, message: str
) -> None:
    recipe = write_map(tmp_path, levels=levels, sources=sources)
    with pytest.raises(SmapError, match=message) as refusal:
        build_map(recipe, tmp_path / "var")
    assert "\n" not in str(refusal.value)
    assert not list((tmp_path / "var").rglob("made.3tz"))


def test_sources_that_lie_elsewhere_are_refused(tmp_path: Path) -> None:
    far = {"arterial": [[[129.0, 35.1], [129.1, 35.2]]], "mid": [[at(0, 0), at(1, 1)]]}
    with pytest.raises(SmapError, match=r"none of 1 features lies in the map's area"):
        build_map(write_map(tmp_path, roads=far), tmp_path / "var")


def test_an_area_without_relief_is_refused(tmp_path: Path) -> None:
    recipe = write_map(
        tmp_path, levels="area = [128.0, 35.0, 128.1, 35.1]\nmin = 12\nmax = 13", sources=RELIEF
    )
    with pytest.raises(SmapError, match=r"the relief .* does not reach the map's area"):
        build_map(recipe, tmp_path / "var")


def test_the_made_map_is_where_it_should_be() -> None:
    assert AREA[0] == pytest.approx(126.977, abs=0.002)
