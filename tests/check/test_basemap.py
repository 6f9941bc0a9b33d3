"""What the checker says of base maps: one broken map for each fault."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smap.check import check_path
from smap.formats import mvt
from smap.formats.tilejson import Near, Span, TileJson, encode, near_path, tile_path

SPANS = (Span(10, 872, 396, 872, 396), Span(11, 1744, 792, 1745, 793), Span(12, 3488, 1584, 3488, 1584))

NEAR = Near(Span(16, 55808, 25344, 55808, 25345), ())


def webp(side: int = 256, kind: str = "WEBP") -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).convert("RGB").save(file, kind)
    return file.getvalue()


def write_map(folder: Path) -> Path:
    tile = webp()
    for span in SPANS:
        for look in ("day", "night"):
            for x in range(span.west, span.east + 1):
                for y in range(span.north, span.south + 1):
                    path = folder / tile_path(look, span.z, x, y)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(tile)
    line = mvt.Geometry("lines", np.array([[0, 0], [4096, 4096]]), np.zeros(2, int))
    for y in (25344, 25345):
        path = folder / near_path(16, 55808, y)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mvt.encode({"alley": line}))
    write_list(folder, *SPANS)
    return folder


def write_list(folder: Path, *spans: Span) -> None:
    (folder / "tile.json").write_bytes(
        encode(TileJson("made", "", (126.5, 37.4, 127.0, 37.7), spans, near=NEAR))
    )


def test_a_sound_map_has_no_issues(tmp_path: Path) -> None:
    report = check_path(write_map(tmp_path))
    assert report.issues == ()
    assert report.checked == 15


def remove(*names: str) -> Callable[[Path], None]:
    def broken(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return broken


def write(name: str, data: bytes) -> Callable[[Path], None]:
    def broken(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return broken


DAY, NIGHT = "day/11/1744/792.webp", "night/11/1744/792.webp"
LEVEL = [f"{look}/12/3488/1584.webp" for look in ("day", "night")]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (remove(NIGHT), "BASEMAP_TILE_MISSING"),
        (remove(*LEVEL), "BASEMAP_LEVEL_MISSING"),
        (lambda folder: write_list(folder, SPANS[0], SPANS[2]), "BASEMAP_LEVEL_MISSING"),
        (write(DAY, b""), "BASEMAP_TILE_INVALID"),
        (write(DAY, b"RIFF no picture"), "BASEMAP_TILE_INVALID"),
        (write(DAY, webp()[:-300]), "BASEMAP_TILE_INVALID"),
        (write(DAY, webp()[:60] + bytes(len(webp()) - 60)), "BASEMAP_TILE_INVALID"),
        (write(DAY, webp(kind="PNG")), "BASEMAP_TILE_INVALID"),
        (write(DAY, webp(128)), "BASEMAP_SIZE_WRONG"),
        (remove(near_path(16, 55808, 25345)), "BASEMAP_TILE_MISSING"),
        (write(near_path(16, 55808, 25345), b"\x1a\x05no"), "BASEMAP_TILE_INVALID"),
        (write(near_path(16, 1, 1), b""), "BASEMAP_TILE_UNLISTED"),
        (write("tile.json", b"{}"), "BASEMAP_INVALID"),
        (write("day/11/1/1.webp", webp()), "BASEMAP_TILE_UNLISTED"),
    ],
)
def test_each_fault_has_its_code(tmp_path: Path, broken: Callable[[Path], None], code: str) -> None:
    broken(write_map(tmp_path))
    assert code in {issue.code for issue in check_path(tmp_path).issues}


def test_a_level_that_is_gone_is_told_once(tmp_path: Path) -> None:
    remove(*LEVEL)(write_map(tmp_path))
    assert [issue.code for issue in check_path(tmp_path).issues] == ["BASEMAP_LEVEL_MISSING"]
