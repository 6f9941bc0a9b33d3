"""Terrain from a recipe: the archive it writes, its warnings, and the real Seoul."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.terrain import write_terrain_archive
from smap.build.terrain_plan import TerrainPlan, Water, read_water
from smap.check import check_path
from smap.errors import GeoidError, RecipeError
from smap.formats import layer, quantized_mesh
from smap.geo.ellipsoid import SEMI_MAJOR_M
from smap.geo.geoid import undulation
from smap.geo.grid import Tile, tile_at
from smap.ground import Ground
from smap.sources.elevation import Elevation
from smap.sources.raster import RasterSpec, open_raster
from smap.sources.vector import VectorSpec
from smap.store.archive import ArchiveReader
from smap.tiling.terrain import LEVEL_0_ERROR_M
from tests.sources.rasters import CITY_HALL, hills, write_raster


def small_plan(folder: Path, **more: object) -> TerrainPlan:
    raster = open_raster(RasterSpec(write_raster(folder / "hills.tif", hills(40, 50))))
    return TerrainPlan("hills", "made for tests", Elevation((raster,)), "EPSG:5193", "EGM96", **more)  # type: ignore[arg-type]


def entry(reader: ArchiveReader, path: str) -> bytes:
    tile = reader.get(path)
    assert tile is not None
    return tile.identity()


def test_the_archive_holds_what_its_layer_names_and_nothing_else(tmp_path: Path) -> None:
    figures, warnings = write_terrain_archive(
        small_plan(tmp_path), tmp_path / "a.3tz", progress=SilentProgress()
    )
    with ArchiveReader(tmp_path / "a.3tz") as reader:
        names = list(reader.names())
        described = layer.decode(entry(reader, "layer.json"))
    assert warnings == ()
    assert names[:3] == ["tileset.json", "layer.json", "coverage.png"]
    assert names[3:5] == ["0/0/0.terrain", "0/1/0.terrain"]
    tiles = {
        f"{z}/{x}/{y}.terrain"
        for z, rectangles in enumerate(described.available)
        for r in rectangles
        for x in range(r.start_x, r.end_x + 1)
        for y in range(r.start_y, r.end_y + 1)
    }
    assert tiles == set(names[3:])
    assert figures["tiles"] == len(tiles)


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    for name in ("a.3tz", "b.3tz"):
        write_terrain_archive(plan, tmp_path / name, progress=SilentProgress())
    assert (tmp_path / "a.3tz").read_bytes() == (tmp_path / "b.3tz").read_bytes()


def test_a_tile_says_its_error_datum_and_geoid(tmp_path: Path) -> None:
    write_terrain_archive(small_plan(tmp_path), tmp_path / "a.3tz", progress=SilentProgress())
    with ArchiveReader(tmp_path / "a.3tz") as reader:
        root = json.loads(entry(reader, "tileset.json"))
        mesh = quantized_mesh.decode(entry(reader, "0/1/0.terrain"))
    assert mesh.metadata is not None
    assert 0.0 <= mesh.metadata["geometricerror"] <= LEVEL_0_ERROR_M
    assert (mesh.metadata["vertical_datum"], mesh.metadata["geoid"]) == ("EPSG:5193", "EGM96")
    assert mesh.normals is not None
    assert root["extras"]["layer"] == "layer.json"
    assert "content" not in root["root"]


def test_the_datum_s_offset_is_told_and_how_true_heights_are(tmp_path: Path) -> None:
    facts = small_plan(tmp_path).facts()
    assert (facts["datum_above_geoid_m"], facts["datum_offset_applied"]) == (0.265, False)
    # a geoid to 0.5 m, and a sixtieth of 30 m cells
    assert facts["vertical_accuracy_m"] == pytest.approx((0.5**2 + 0.5**2) ** 0.5, abs=0.01)
    assert facts["source_accuracy_m"] is None
    assert small_plan(tmp_path, accuracy_m=3.0).facts()["vertical_accuracy_m"] == pytest.approx(
        3.08, abs=0.01
    )


def built(folder: Path, jobs: int = 1) -> Path:
    """The archive that the recipe t.toml of a folder makes."""
    report = pipeline.build(
        folder / "t.toml", workspace=folder / f"var-{jobs}", progress=SilentProgress(), jobs=jobs
    )
    return Path(report.out) / "t.3tz"


def test_one_process_and_two_make_the_same_terrain(tmp_path: Path) -> None:
    raster = write_raster(tmp_path / "hills.tif", hills(300, 300), cell=10.0)
    (tmp_path / "t.toml").write_text(
        f'[tileset]\nname = "t"\nkind = "terrain"\nattribution = "made"\n[[source]]\npath = "{raster}"\n'
        '[ground]\nvertical_datum = "EPSG:5193"\naccuracy_m = 2.0\n',
        encoding="utf-8",
    )
    made = [
        pipeline.build(
            tmp_path / "t.toml", workspace=tmp_path / f"{jobs}", progress=SilentProgress(), jobs=jobs
        )
        for jobs in (1, 2)
    ]
    one, two = ((Path(report.out) / "t.3tz").read_bytes() for report in made)
    assert one == two


def test_a_higher_priority_lies_above_and_finer_cells_above_coarser_ones(tmp_path: Path) -> None:
    for name, metres, cell in (("a", 40.0, 30.0), ("b", 50.0, 10.0), ("c", 60.0, 30.0)):
        write_raster(
            tmp_path / f"{name}.tif", np.full((int(1200 / cell),) * 2, metres, np.float32), cell=cell
        )

    def middle(*sources: str) -> float:
        text = "".join(f"[[source]]\n{source}\n" for source in sources)
        (tmp_path / "t.toml").write_text(
            f'[tileset]\nname = "t"\nkind = "terrain"\nattribution = "made"\n{text}'
            '[ground]\nvertical_datum = "ellipsoid"\n[levels]\nmax = 12\n',
            encoding="utf-8",
        )
        with ArchiveReader(built(tmp_path)) as reader:
            west, south, east, north = np.radians(Ground(reader).bounds_deg)
            return float(Ground(reader).heights((west + east) / 2, (south + north) / 2))

    assert middle('path = "a.tif"', 'path = "b.tif"') == pytest.approx(50.0, abs=0.1)
    assert middle('path = "b.tif"', 'path = "c.tif"\npriority = 1') == pytest.approx(60.0, abs=0.1)


def test_a_hole_in_a_raster_is_not_drawn_to_the_finest_level(tmp_path: Path) -> None:
    heights = hills(240, 240)
    whole = write_raster(tmp_path / "whole.tif", heights, nodata=-9999.0)
    heights[30:210, 30:210] = -9999.0
    holed = write_raster(tmp_path / "holed.tif", heights, nodata=-9999.0)
    found = {}
    for path in (whole, holed):
        plan = TerrainPlan("t", "made", Elevation((open_raster(RasterSpec(path)),)), "EPSG:5193", "EGM96")
        figures, _ = write_terrain_archive(plan, tmp_path / f"{path.stem}.3tz", progress=SilentProgress())
        found[path.stem] = figures["tiles"]
    assert found["holed"] < 0.85 * found["whole"]
    assert [issue for issue in check_path(tmp_path / "holed.3tz").issues if issue.severity == "error"] == []
    with ArchiveReader(tmp_path / "holed.3tz") as reader:
        described = layer.decode(entry(reader, "layer.json"))
        listed = sum(
            (r.end_x - r.start_x + 1) * (r.end_y - r.start_y + 1) for z in described.available for r in z
        )
        assert listed == found["holed"]
        assert len(described.available[-1]) > 1
        ground = Ground(reader)
        west, south, east, north = np.radians(ground.bounds_deg)
        middle = (west + east) / 2, (south + north) / 2
        assert np.isfinite(ground.heights(*middle))
        assert not ground.covers(*middle)


def test_a_users_own_geoid_lifts_the_ground_and_heights_come_back_by_it(tmp_path: Path) -> None:
    write_raster(tmp_path / "flat.tif", np.full((30, 30), 50.0, np.float32))
    (tmp_path / "KNGeoid18.asc").write_text(
        "ncols 3\nnrows 3\nxllcorner 126.0\nyllcorner 36.5\ncellsize 1\n" + "23.4 23.4 23.4\n" * 3, "ascii"
    )
    recipe = (
        '[tileset]\nname = "t"\nkind = "terrain"\nattribution = "made"\n[[source]]\npath = "flat.tif"\n'
        '[ground]\nvertical_datum = "EPSG:5193"\ngeoid = "KNGeoid18.asc"\n[levels]\nmax = 12\n'
    )
    (tmp_path / "t.toml").write_text(recipe, encoding="utf-8")
    with ArchiveReader(built(tmp_path)) as reader:
        ground = Ground(reader)
        west, south, east, north = np.radians(ground.bounds_deg)
        place = (west + east) / 2, (south + north) / 2
        assert float(ground.heights(*place)) == pytest.approx(73.4, abs=0.01)
        assert float(ground.orthometric(*place)) == pytest.approx(50.0, abs=0.01)
        facts = json.loads(entry(reader, "tileset.json"))["extras"]
    assert facts["geoid"] == "KNGeoid18"
    assert "datum_above_geoid_m" not in facts
    (tmp_path / "t.toml").write_text(recipe.replace("EPSG:5193", "ellipsoid"), encoding="utf-8")
    with pytest.raises(RecipeError, match="heights above the ellipsoid need none"):
        built(tmp_path, 2)


def test_a_geoid_that_does_not_cover_the_data_is_refused(tmp_path: Path) -> None:
    write_raster(tmp_path / "flat.tif", np.full((30, 30), 50.0, np.float32))
    (tmp_path / "far.asc").write_text(
        "ncols 2\nnrows 2\nxllcorner 8\nyllcorner 46\ncellsize 1\n47 48\n47 48\n", "ascii"
    )
    (tmp_path / "t.toml").write_text(
        '[tileset]\nname = "t"\nkind = "terrain"\nattribution = "made"\n[[source]]\npath = "flat.tif"\n'
        '[ground]\nvertical_datum = "EPSG:5193"\ngeoid = "far.asc"\n',
        encoding="utf-8",
    )
    with pytest.raises(GeoidError, match="far: 2 positions outside the grid"):
        built(tmp_path)


def test_between_rasters_far_apart_there_are_no_tiles_of_the_finest_level(tmp_path: Path) -> None:
    for name, corner in (("a", CITY_HALL), ("b", (CITY_HALL[0] + 30_000.0, CITY_HALL[1] + 20_000.0))):
        with rasterio.open(
            tmp_path / f"{name}.tif",
            "w",
            driver="GTiff",
            width=40,
            height=40,
            count=1,
            dtype="float32",
            crs="EPSG:5186",
            transform=rasterio.Affine(30.0, 0.0, corner[0], 0.0, -30.0, corner[1]),
        ) as file:
            file.write(hills(40, 40), 1)
    (tmp_path / "t.toml").write_text(
        '[tileset]\nname = "t"\nkind = "terrain"\nattribution = "made"\n[[source]]\npath = "?.tif"\n'
        '[ground]\nvertical_datum = "EPSG:5193"\n',
        encoding="utf-8",
    )
    with ArchiveReader(built(tmp_path)) as reader:
        described = layer.decode(entry(reader, "layer.json"))
        names = {name for name in reader.names() if name.endswith(".terrain")}
        listed = {
            f"{z}/{x}/{y}.terrain"
            for z, rectangles in enumerate(described.available)
            for r in rectangles
            for x in range(r.start_x, r.end_x + 1)
            for y in range(r.start_y, r.end_y + 1)
        }
        assert names == listed
        assert len(described.available[-1]) == 2
        assert len(described.available[5]) == 1
        finest = [name for name in names if name.startswith(f"{described.max_level}/")]
        assert len(finest) < 30
        # a place between them is drawn by a coarser tile
        assert np.isfinite(Ground(reader).heights(*np.radians([127.15, 37.55])))


def test_the_recipes_level_wins(tmp_path: Path) -> None:
    figures, _ = write_terrain_archive(
        small_plan(tmp_path, max_level=9), tmp_path / "a.3tz", progress=SilentProgress()
    )
    assert figures["level"] == 9


def test_water_is_255_from_the_north_and_one_byte_where_all_is_land(tmp_path: Path) -> None:
    tile = Tile(13, 13970, 5800)
    west, south, east, north = np.degrees(tile.region_rad)
    ring = [[west, (south + north) / 2], [east, (south + north) / 2], [east, north], [west, north]]
    water = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
    (tmp_path / "water.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [water]}))
    found = read_water(VectorSpec(tmp_path / "water.geojson"))
    mask = found.mask(tile)
    assert mask.shape == (256, 256)
    assert (mask[:127] == 255).all()
    assert (mask[129:] == 0).all()
    np.testing.assert_array_equal(found.mask(Tile(13, 13970, 5790)), [[0]])
    np.testing.assert_array_equal(found.mask(Tile(15, 13970 * 4, 5800 * 4 + 3)), [[255]])
    np.testing.assert_array_equal(Water().mask(tile), [[0]])


def heights_north_of(plan: TerrainPlan, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns: along meridians through the data, so far beyond its northern end."""
    west, _, east, north = plan.elevation.bounds
    lon = np.linspace(west, east, 60)[10:-10]
    return plan.surface(lon, north + metres / SEMI_MAJOR_M)


def test_within_500_m_of_the_data_the_nearest_height_holds(tmp_path: Path) -> None:
    plan = small_plan(tmp_path)
    nearest, *beyond = heights_north_of(plan, np.array([0.0, 100.0, 300.0, 480.0]))
    for one in beyond:
        np.testing.assert_allclose(one, nearest, atol=0.5)  # metres: what a house may stand off


def test_far_from_the_data_the_ground_is_calm_and_then_the_sea(tmp_path: Path) -> None:
    near, far, sea = heights_north_of(small_plan(tmp_path), np.array([0.0, 2_000.0, 41_000.0]))
    assert np.ptp(near) > 20.0
    assert np.ptp(far) < 0.2 * np.ptp(near)
    assert (sea == 0.0).all()


def test_no_step_stands_between_the_data_and_the_sea(tmp_path: Path) -> None:
    found = heights_north_of(small_plan(tmp_path), np.linspace(-100.0, 41_000.0, 4_111))
    # the hills of the data fall by less than 1 in 1; what is not continuous would fall at once
    assert np.abs(np.diff(found, axis=0)).max() < 10.0
    assert np.abs(np.diff(found[12:], axis=0)).max() < 2.0


@pytest.fixture(scope="module")
def real(seoul_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TerrainPlan]:
    raster = open_raster(RasterSpec(seoul_data / "terrain" / "seoul_dem_90m_epsg5186.tif", "EPSG:5186"))
    nature = seoul_data / "transport" / "seoul_osm_nature.json.gz"
    plan = TerrainPlan(
        "seoul-terrain",
        "for trials only",
        Elevation((raster,)),
        "EPSG:5193",
        "EGM96",
        water=read_water(VectorSpec(nature, where="k = 'water'")).levelled(Elevation((raster,))),
    )
    path = tmp_path_factory.mktemp("seoul") / "seoul-terrain.3tz"
    _, warnings = write_terrain_archive(plan, path, progress=SilentProgress())
    assert warnings == ()
    return path, plan


@pytest.mark.real
def test_the_real_ground_is_drawn_within_a_tenth_of_a_cell(real: tuple[Path, TerrainPlan]) -> None:
    path, plan = real
    rng = np.random.default_rng(11)
    lon = np.radians(rng.uniform(126.79, 127.17, 10_000))
    lat = np.radians(rng.uniform(37.44, 37.685, 10_000))
    with ArchiveReader(path) as reader:
        ground = Ground(reader)
        found = ground.heights(lon, lat)
    assert ground.level == 13
    wanted = plan.elevation.sample(lon, lat).height + undulation(lon, lat)
    assert np.abs(found - wanted).max() <= 9.0


@pytest.mark.real
def test_the_real_pyramid_has_no_crack_at_any_level(real: tuple[Path, TerrainPlan]) -> None:
    with ArchiveReader(real[0]) as reader:
        tiles = {
            name: quantized_mesh.decode(entry(reader, name))
            for name in reader.names()
            if name.endswith(".terrain")
        }
    pairs = 0
    for name, mesh in tiles.items():
        z, x, y = (int(part) for part in name.removesuffix(".terrain").split("/"))
        east, north = tiles.get(f"{z}/{x + 1}/{y}.terrain"), tiles.get(f"{z}/{x}/{y + 1}.terrain")
        if east is not None:
            pairs += 1
            np.testing.assert_array_equal(mesh.v[mesh.east], east.v[east.west])
            np.testing.assert_allclose(
                mesh.heights()[mesh.east], east.heights()[east.west], rtol=0, atol=1e-9
            )
        if north is not None:
            pairs += 1
            np.testing.assert_array_equal(mesh.u[mesh.north], north.u[north.south])
            np.testing.assert_allclose(
                mesh.heights()[mesh.north], north.heights()[north.south], rtol=0, atol=1e-9
            )
    assert pairs > 500


@pytest.mark.real
def test_the_han_falls_through_the_city_and_never_rises(real: tuple[Path, TerrainPlan]) -> None:
    # places in midstream, read off a map by eye to some 100 m, from Jamsil to Haengju
    places = [(127.105, 37.533), (127.05, 37.533), (127.0, 37.52), (126.96, 37.515), (126.92, 37.539)]
    lon, lat = np.radians(np.array([*places, (126.88, 37.56)])).T
    with ArchiveReader(real[0]) as reader:
        drawn = Ground(reader).orthometric(lon, lat)
    assert (np.diff(drawn) <= 0.05).all()
    assert 2.0 < drawn[-1] < drawn[0] < 7.0  # the weir of Jamsil holds it above 6 m


@pytest.mark.real
def test_the_han_is_water_and_namsan_is_not(real: tuple[Path, TerrainPlan]) -> None:
    for lon_deg, lat_deg, wet in ((126.96, 37.515, True), (126.9882, 37.5512, False)):
        lon, lat = np.radians([lon_deg, lat_deg]).tolist()
        tile = tile_at(13, lon, lat)
        with ArchiveReader(real[0]) as reader:
            mask = quantized_mesh.decode(entry(reader, f"13/{tile.x}/{tile.y}.terrain")).watermask
        assert mask is not None
        west, south, east, north = tile.region_rad
        row, column = int((north - lat) / (north - south) * 256), int((lon - west) / (east - west) * 256)
        assert bool(np.broadcast_to(mask, (256, 256))[row, column]) == wet
