"""A source with every fault at once, from the file to the report; what a mask hides, hidden everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from smap.build import pipeline
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import to_ecef
from smap.store import open_tiles
from tests.build.town import FEATURES, house, recipe_text, write_town

SOUND = 30


def box(number: int, dx: float = 0.0) -> shapely.Polygon:
    west, south = 126.97 + 0.0004 * (number % 10) + dx, 37.56 + 0.0004 * (number // 10)
    return shapely.box(west, south, west + 0.00015, south + 0.0001)


def star(vertices: int) -> shapely.Polygon:
    turn = np.linspace(0.0, 2.0 * np.pi, vertices, endpoint=False)
    radius = 0.0005 * (1.0 + 0.3 * (np.arange(vertices) % 2))
    return shapely.Polygon(np.stack([126.98 + radius * np.cos(turn), 37.57 + radius * np.sin(turn)], axis=1))


def bow(number: int) -> shapely.Polygon:
    x, y = shapely.get_coordinates(box(number))[2]
    return shapely.Polygon([(x, y), (x + 1e-4, y + 1e-4), (x + 1e-4, y), (x, y + 1e-4)])


def with_nan(shape: shapely.Polygon) -> bytes:
    data = bytearray(shapely.to_wkb(shape, byte_order=1))
    data[13 + 16 : 13 + 24] = np.array([np.nan]).tobytes()
    return bytes(data)


def write_faulty(path: Path) -> int:
    """Sound houses, and after them one of each fault. How many features there are."""
    flat = shapely.Polygon([(126.971, 37.561), (126.972, 37.562), (126.971, 37.561)])
    holed = shapely.Polygon(box(31).exterior, [box(32).exterior])
    wkb = [
        *shapely.to_wkb([box(i) for i in range(SOUND)], byte_order=1),
        *shapely.to_wkb([bow(30), holed, box(1, 2e-4), box(2), flat, star(1_000_000)], byte_order=1),
        with_nan(box(33)),
        *shapely.to_wkb(
            [shapely.Point(126.97, 37.56), shapely.LineString([(126.97, 37.56), (126.98, 37.57)])]
        ),
        None,
    ]
    n = len(wkb)
    key = np.array([f"h{i}" for i in range(n)], object)
    key[SOUND + 2], key[SOUND + 3] = "h1", "h2"  # an id twice in two places, and a whole feature twice
    tall, levels = np.full(n, 9.0), np.full(n, 3.0)
    tall[:5] = [0.0, -4.0, 900.0, np.nan, 9.0]
    levels[4] = 30.0
    tall[SOUND + 3] = tall[2]
    name = np.array(["세종로" for _ in range(n)], object)
    name[6] = "¼¼Á¾·Î"  # Korean read as Latin-1
    pyogrio.raw.write(
        str(path),
        np.array(wkb, object),
        [key, tall, levels, name],
        ["key", "tall", "levels", "label"],
        crs="EPSG:4326",
        geometry_type="Unknown",
        SPATIAL_INDEX="NO",
    )
    return n


def build(folder: Path, more: str = "", source: str = 'path = "town.geojson"') -> BuildReport:
    text = recipe_text(more, source).replace(
        'id = "key"', 'id = "key"\nname = "label"' if "fgb" in source else 'id = "key"'
    )
    (folder / "town.toml").write_text(text, encoding="utf-8")
    return pipeline.build(folder / "town.toml", workspace=folder / "var", progress=SilentProgress(), jobs=1)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildReport, int]:
    folder = tmp_path_factory.mktemp("faulty")
    count = write_faulty(folder / "town.fgb")
    return build(folder, source='path = "town.fgb"'), count


def test_of_a_source_with_every_fault_each_feature_is_built_or_dropped_for_a_reason(
    faulty: tuple[BuildReport, int],
) -> None:
    report, count = faulty
    assert report.features_read == count
    assert report.features_built + sum(report.dropped.values()) == count
    assert report.dropped == {
        "no_geometry": 1,
        "not_a_polygon": 2,
        "too_many_vertices": 1,
        "unusable_geometry": 2,
        "duplicate": 1,
    }


def test_each_fault_is_counted_in_the_report_and_its_page(faulty: tuple[BuildReport, int]) -> None:
    report, _ = faulty
    told = json.loads((Path(report.out) / "report.json").read_text(encoding="utf-8"))
    problems = {one["code"]: one["count"] for one in told["city"]["problems"]}
    wanted = {
        "ring_repaired": 2,
        "id_blank_or_double": 2,
        "floors_against_height": 2,
        "height_zero": 1,
        "height_negative": 1,
        "height_above_600_m": 1,
        "height_blank": 1,
    }
    assert {code: problems.get(code) for code in wanted} == wanted
    assert told["figures"]["texts_garbled"] == {"name": 1}
    page = (Path(report.out) / "report.html").read_text(encoding="utf-8")
    for words in ("outline repaired", "blank or double id", "height and floors contradict each other"):
        assert words in page


def plain_outputs(report: BuildReport) -> dict[str, bytes]:
    """Every file of a build, and every entry of its archive, unpacked."""
    folder = Path(report.out)
    found = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".3tz"}
    with open_tiles(folder / "town.3tz") as tiles:
        for name in tiles.names():
            stored = tiles.get(name)
            assert stored is not None
            found[name] = stored.identity()
    return found


def points_of(outputs: dict[str, bytes]) -> np.ndarray:
    return np.concatenate(
        [decode_glb(data).ecef() for name, data in outputs.items() if name.endswith(".glb")]
    )


@pytest.mark.parametrize("action", ["drop", "block"])
def test_no_word_or_vertex_of_what_a_mask_covers_is_in_any_tile_level_or_report(
    action: str, tmp_path: Path
) -> None:
    hidden = [37, 41]
    secret = {37: {"note": "ammunition"}, 41: {"note": "radar"}}
    features = [house(i, tall=9.0, **secret.get(i, {"note": "plain"})) for i in range(len(FEATURES))]
    write_town(tmp_path, features)
    masks = [house(i) | {"properties": {"note": "restricted"}} for i in hidden]
    (tmp_path / "mask.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": masks}))
    keep = 'path = "town.geojson"\nkeep = ["note"]'
    outputs = plain_outputs(build(tmp_path, f'[[mask]]\npath = "mask.geojson"\naction = "{action}"\n', keep))
    words = [b"h37", b"h41", b"ammunition", b"radar", b"restricted", b"mask.geojson"]
    packed = b"".join(data for data in outputs.values())
    assert [word for word in words if word in packed] == []
    corners = np.radians(
        np.concatenate([np.array(features[i]["geometry"]["coordinates"][0])[:-1] for i in hidden])
    )
    # a block about an L shares its corners but the one within
    looked = corners if action == "drop" else corners[[3, 9]]
    points = points_of(outputs)
    for lon, lat in looked:
        flat = np.linalg.norm(np.cross(points - to_ecef(lon, lat, 0.0), to_ecef(lon, lat, 0.0)), axis=1)
        assert (flat / np.linalg.norm(to_ecef(lon, lat, 0.0))).min() > 1.0


def test_a_word_that_is_not_masked_is_found_by_that_test(tmp_path: Path) -> None:
    write_town(tmp_path, [house(i, tall=9.0, note="radar") for i in range(12)])
    outputs = plain_outputs(build(tmp_path, "", 'path = "town.geojson"\nkeep = ["note"]'))
    assert any(b"radar" in data for data in outputs.values())
