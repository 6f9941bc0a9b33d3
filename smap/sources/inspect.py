"""What a vector file holds: layers, reference system, encoding, bounds, counts, and fields with examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from smap.errors import CrsError
from smap.geo.crs import Crs, check_area, to_lonlat
from smap.sources.columns import texts
from smap.sources.formats import identify
from smap.sources.gdal import layer_names
from smap.sources.layers import OpenLayer, crs_of, doubts, open_layer, rows_of, suggestions
from smap.sources.outline import from_wkb
from smap.sources.placing import check_parcels, in_seoul, parcel_field, seoul_parcels
from smap.sources.presets import guess_preset, resolve_preset
from smap.sources.rings import MOST_VERTICES
from smap.sources.roles import roles_of
from smap.sources.vector import VectorSpec

__all__ = ["FieldInfo", "VectorInfo", "inspect_vector", "layers_of"]

_EXAMPLES = 3
_ROWS = 65536
# Share of a file's features that name parcels of Seoul, above which its middle must lie there
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class FieldInfo:
    """One field. filled: features with a value; lowest, highest: of numbers; role: our property, if any."""

    name: str
    kind: str
    filled: int
    examples: tuple[str, ...]
    lowest: float | None
    highest: float | None
    role: str | None


@dataclass(frozen=True)
class VectorInfo:
    """One layer of a file. bounds_deg: west, south, east, north on WGS84, None while nobody knows the system.

    encoding_origin: "given", "cpg", "header", "detected", or "format" where the format allows only one;
    geometry: how many features of each type; invalid: how many outlines break OGC validity; faults: what a
    build would refuse; warnings: what is doubtful. suggestion: a code that mends the one fault there is.
    """

    path: Path
    format: str
    layer: str
    crs: Crs | None
    encoding: str
    encoding_origin: str
    bounds_deg: tuple[float, float, float, float] | None
    count: int
    geometry: dict[str, int]
    invalid: int
    fields: tuple[FieldInfo, ...]
    preset: str | None
    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    suggestion: str | None = None

    @property
    def has_polygons(self) -> bool:
        """Whether there are areas in it, which is what buildings are."""
        return bool({"polygon", "multipolygon", "geometrycollection"} & set(self.geometry))

    @property
    def obstacle(self) -> str | None:
        """Why no recipe can build it; None: one can."""
        if self.suggestion is None and self.faults:
            return self.faults[0]
        if not self.has_polygons:
            held = ", ".join(f"{n:,} {kind}" for kind, n in self.geometry.items()) or "no geometry"
            return f"{self.path}: the layer '{self.layer}' holds {held}: buildings need polygons"
        return None


@dataclass
class _Column:
    """What is gathered of one field while the file is read."""

    filled: int = 0
    examples: list[str] = field(default_factory=list)
    lowest: float = np.inf
    highest: float = -np.inf


@dataclass
class _Shape:
    """What is gathered of the geometries; bounds and sample in the file's coordinates.

    parcels: features that name a parcel of Seoul.
    """

    geometry: Counter[str] = field(default_factory=Counter)
    invalid: int = 0
    parcels: int = 0
    bounds: NDArray[np.float64] = field(default_factory=lambda: np.array([np.inf, np.inf, -np.inf, -np.inf]))
    sample: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))


def layers_of(path: Path) -> list[str | None]:
    """The layers of a file to inspect one by one; [None] where the format holds only one."""
    file = identify(path)
    if file.format != "GeoPackage":
        return [None]
    return list(layer_names(file.gdal, where=str(path), tables=True)) or [None]


def inspect_vector(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    on_read: Callable[[int], None] = lambda _: None,
) -> VectorInfo:
    """All that one layer holds, from one pass over it; `on_read` hears how many features were read.

    InputError for a file that cannot be read; what can be read but not built is told in `faults`.
    """
    file = identify(path)
    spec = VectorSpec(path, layer=layer, encoding=encoding)
    opened = open_layer(file, spec, every_field=True, once=_ROWS)
    preset = guess_preset(opened.names)
    known = resolve_preset(preset, opened.names, where=opened.where) if preset else {}
    columns = {name: _Column() for name in opened.names}
    shape, count = _Shape(), 0
    for batch, geometry in rows_of(opened, columns=None, condition=None, rows=_ROWS):
        with np.errstate(all="ignore"):
            # NaN among the coordinates trips the floating-point flags in GEOS
            _gather_shapes(geometry, shape, opened.where)
        for name, column in columns.items():
            _gather(batch.column(name), column)
        if parcel := parcel_field(known):
            shape.parcels += int(seoul_parcels(batch.column(parcel)).sum())
        count += batch.num_rows
        on_read(batch.num_rows)
    return _told(opened, columns, shape, count, preset, known)


def _gather_shapes(geometry: pa.Array | None, shape: _Shape, where: str) -> None:
    if geometry is None:
        return
    shapes = from_wkb(geometry.to_numpy(zero_copy_only=False), on_invalid="fix", where=where)
    kinds, counts = np.unique(shapely.get_type_id(shapes), return_counts=True)
    for kind, n in zip(kinds, counts, strict=True):
        shape.geometry["none" if kind < 0 else shapely.GeometryType(kind).name.lower()] += int(n)
    present = shapes[~shapely.is_missing(shapes)]
    bearable = shapely.get_num_coordinates(present) <= MOST_VERTICES
    shape.invalid += int((~shapely.is_valid(present[bearable])).sum() + (~bearable).sum())
    corners = shapely.bounds(present).reshape(-1, 2)
    shape.bounds[:2] = np.fmin(shape.bounds[:2], np.fmin.reduce(corners, axis=0, initial=np.inf))
    shape.bounds[2:] = np.fmax(shape.bounds[2:], np.fmax.reduce(corners, axis=0, initial=-np.inf))
    if not len(shape.sample):
        sample = shapely.get_coordinates(present[:1000])
        shape.sample = sample[np.isfinite(sample).all(axis=1)]


def _gather(values: pa.Array, column: _Column) -> None:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = pc.if_else(pc.equal(values, ""), None, values)
    column.filled += len(values) - values.null_count
    if len(column.examples) < _EXAMPLES:
        found = dict.fromkeys([*column.examples, *(t for t in texts(values[:2000]) if t is not None)])
        column.examples = list(found)[:_EXAMPLES]
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        span = pc.min_max(values).as_py()
        if span["min"] is not None:
            column.lowest = min(column.lowest, span["min"])
            column.highest = max(column.highest, span["max"])


def _told(
    opened: OpenLayer,
    columns: dict[str, _Column],
    shape: _Shape,
    count: int,
    preset: str | None,
    known: Mapping[str, str],
) -> VectorInfo:
    bare = opened.geometry is None
    place = _Place(None, None) if bare else _where(opened, shape, count, parcel_field(known))
    faults = place.faults
    if not count:
        faults = (f"{opened.where}: the layer '{opened.title}' holds no features",)
    table = opened.table
    tables = (f"the layer '{opened.title}' has no geometry: it can only be joined",) if bare else ()
    mended = suggestions(opened, shape.sample) if place.faults and place.crs is None and count else []
    return VectorInfo(
        path=opened.file.path,
        format=opened.file.format,
        layer=opened.title,
        crs=place.crs,
        encoding=table.codec if table else "utf-8",
        encoding_origin=table.origin if table else "format",
        bounds_deg=place.bounds_deg,
        count=count,
        geometry=dict(shape.geometry),
        invalid=shape.invalid,
        fields=_fields(opened, columns, known),
        preset=preset,
        faults=faults,
        warnings=(*tables, *doubts(opened, place.crs, shape.sample)),
        suggestion=mended[0].code if mended else None,
    )


@dataclass(frozen=True)
class _Place:
    crs: Crs | None
    bounds_deg: tuple[float, float, float, float] | None
    faults: tuple[str, ...] = ()


def _where(opened: OpenLayer, shape: _Shape, count: int, parcel: str | None) -> _Place:
    try:
        crs = crs_of(opened, None, shape.sample)
    except CrsError as error:
        return _Place(None, None, (str(error),))
    if not np.isfinite(shape.bounds).all():
        nowhere = f"{opened.where}: the layer '{opened.title}' has no coordinates that are numbers"
        return _Place(crs, None, (nowhere,) if count else ())
    west, south, east, north = (float(v) for v in shape.bounds)
    try:
        check_area(crs, (west, south, east, north), where=opened.where)
        if parcel and shape.parcels > _NEARLY_ALL * count:
            middle = to_lonlat(crs, [(west + east) / 2], [(south + north) / 2])
            check_parcels(
                crs,
                (west, south, east, north),
                field=parcel,
                parcels=shape.parcels,
                at_home=shape.parcels if in_seoul(*middle).all() else 0,
                grid=opened.grid,
                where=opened.where,
            )
    except CrsError as error:
        return _Place(crs, None, (str(error),))
    return _Place(crs, _degrees(crs, (west, south, east, north)))


def _degrees(crs: Crs, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
    x, y = np.meshgrid(np.linspace(bounds[0], bounds[2], 9), np.linspace(bounds[1], bounds[3], 9))
    lon, lat = (np.degrees(v) for v in to_lonlat(crs, x, y))
    if np.isnan(lon).all():
        return None
    low_high = np.nanmin(lon), np.nanmin(lat), np.nanmax(lon), np.nanmax(lat)
    west, south, east, north = (float(v) for v in low_high)
    return west, south, east, north


def _fields(
    opened: OpenLayer, columns: dict[str, _Column], known: Mapping[str, str]
) -> tuple[FieldInfo, ...]:
    kinds = dict(zip(opened.names, opened.kinds, strict=True))
    roles = {theirs: ours for ours, theirs in known.items()} or roles_of(kinds)
    return tuple(
        FieldInfo(
            name,
            kinds[name],
            column.filled,
            tuple(column.examples),
            column.lowest if np.isfinite(column.lowest) else None,
            column.highest if np.isfinite(column.highest) else None,
            roles.get(name),
        )
        for name, column in columns.items()
    )
