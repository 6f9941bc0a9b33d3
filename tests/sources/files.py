"""Small vector files that the tests write for themselves: a row of square buildings at Seoul City Hall."""

from __future__ import annotations

import gzip
import json
import shutil
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

CITY_HALL = (126.978, 37.5665)
NAMES = ("경복궁 근정전", "plain", "숭례문")


def squares(count: int = 12, crs: str = "EPSG:4326") -> np.ndarray:
    """`count` squares of about 18 m along a street, in the given system."""
    west = CITY_HALL[0] + np.arange(count) * 3e-4
    boxes = shapely.box(west, CITY_HALL[1], west + 2e-4, CITY_HALL[1] + 2e-4)
    turn = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.asarray(shapely.transform(boxes, lambda c: np.stack(turn.transform(*c.T), axis=1)))


def write(
    path: Path,
    *,
    crs: str | None = "EPSG:4326",
    shapes: np.ndarray | None = None,
    columns: Mapping[str, Any] | None = None,
    **options: Any,
) -> Path:
    """A vector file in the format that the name tells; columns: by default id, height, floors, name."""
    shapes = squares(crs=crs or "EPSG:4326") if shapes is None else shapes
    count = len(shapes)
    if columns is None:
        columns = {
            "id": np.arange(100, 100 + count),
            "height": np.linspace(3.5, 30, count),
            "floors": np.arange(1, 1 + count),
            "name": [NAMES[i % 3] for i in range(count)],
        }
    data = [
        np.asarray(c, object if isinstance(c[0] if len(c) else "", str) else None) for c in columns.values()
    ]
    options.setdefault("geometry_type", "Polygon")
    if path.suffix == ".fgb":
        # its index would reorder the features
        options.setdefault("SPATIAL_INDEX", "NO")
    with warnings.catch_warnings():
        # it warns of a file without a reference system, which some tests want
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.raw.write(
            str(path), shapely.to_wkb(shapes), field_data=data, fields=list(columns), crs=crs, **options
        )
    return path


def gzipped(path: Path) -> Path:
    """The file again, as .gz beside it."""
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return packed


def zipped(path: Path, *stems: str) -> Path:
    """A .zip of all parts of the Shapefiles with these stems, beside them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem in stems:
            for part in sorted(path.parent.glob(f"{stem}.*")):
                if part != path:
                    archive.write(part, part.name)
    return path


def cut(path: Path, share: float = 0.6) -> Path:
    """The file, truncated to a share of its bytes."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def feature(ring: Any, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature of one polygon with one ring."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]} if ring is not None else None,
    }


def geojson(path: Path, features: list[dict[str, Any]]) -> Path:
    """A FeatureCollection."""
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def korean_table(path: Path, encoding: str, cpg: str | None) -> Path:
    """A Shapefile whose table is in `encoding` and says so only by its .cpg (None: not at all)."""
    write(path, encoding=encoding)
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    struct.pack_into("<B", data, 29, 0)
    table.write_bytes(data)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


def copy_parts(shape: Path, stem: str) -> Path:
    """All parts of a Shapefile again under another stem."""
    for part in sorted(shape.parent.glob(f"{shape.stem}.*")):
        shutil.copy(part, part.with_name(stem + part.suffix))
    return shape.with_name(stem + ".shp")
