"""Where the features of one file lie, to tell a wrong reference system from a few stray features."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smap.errors import CrsError, InputError
from smap.geo.crs import Crs, wrong_place
from smap.sources.integrity import first_bad_feature, first_bad_line
from smap.sources.layers import OpenLayer
from smap.sources.outline import Outlines, Shapes
from smap.sources.placing import check_parcels, in_seoul, parcel_field, seoul_parcels

__all__ = ["Tally", "check_first", "check_whole", "note"]


@dataclass
class Tally:
    """Features of a file so far. placed: with an outline; astray, inside: of them, outside the system's area
    and inside what is wanted; parcels, at_home: that name a parcel of Seoul, and those that lie in it.
    """

    read: int = 0
    placed: int = 0
    astray: int = 0
    inside: int = 0
    parcels: int = 0
    at_home: int = 0
    bounds: NDArray[np.float64] = field(default_factory=lambda: np.array([np.inf, np.inf, -np.inf, -np.inf]))

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the file's coordinates."""
        west, south, east, north = (float(v) for v in self.bounds)
        return west, south, east, north


def note(tally: Tally, batch: pa.RecordBatch, shapes: Shapes, outlines: Outlines, layer: OpenLayer) -> None:
    """Count one batch in."""
    tally.read += batch.num_rows
    tally.placed += len(shapes)
    tally.astray += outlines.misplaced
    tally.inside += len(outlines.row)
    low_high = shapes.bounds()
    tally.bounds[:2] = np.fmin(tally.bounds[:2], low_high[:2])
    tally.bounds[2:] = np.fmax(tally.bounds[2:], low_high[2:])
    if parcel := parcel_field(layer.columns):
        named = seoul_parcels(batch.column(parcel))[outlines.of]
        tally.parcels += int(named.sum())
        tally.at_home += int((named & in_seoul(outlines.lon, outlines.lat)).sum())


def check_first(tally: Tally, layer: OpenLayer, crs: Crs) -> None:
    """A file whose first batch lies wholly astray is not read to its end."""
    if tally.placed and tally.astray == tally.placed:
        raise wrong_place(crs, tally.box(), where=layer.where)
    if tally.parcels * 2 <= tally.placed:
        return  # single rows of a neighbour's file are mistakes of their own
    check_parcels(
        crs,
        tally.box(),
        field=parcel_field(layer.columns) or "",
        parcels=tally.parcels,
        at_home=tally.at_home,
        grid=layer.grid,
        where=layer.where,
    )


def check_whole(
    tally: Tally,
    layer: OpenLayer,
    crs: Crs | None,
    *,
    condition: str | None,
    clip: tuple[float, float, float, float] | None,
) -> None:
    """A file that is read to its end: InputError when it is not whole, CrsError when most of it is astray."""
    if crs is not None and tally.astray * 2 > tally.placed:
        raise wrong_place(crs, tally.box(), where=layer.where)
    if condition is None:
        _check_count(tally, layer)
    if tally.placed and not tally.inside and clip:
        raise CrsError(f"{layer.where}: none of {tally.placed:,} features lies in clip = {list(clip)}")


def _check_count(tally: Tally, layer: OpenLayer) -> None:
    if layer.file.lines is not None and tally.read != layer.file.lines:
        raise InputError(f"{layer.where}: {first_bad_line(layer.file.path)}")
    if tally.read < layer.file.geometries and (bad := first_bad_feature(layer.file.path)):
        raise InputError(f"{layer.where}: {bad}")
    if tally.read < layer.count:
        raise InputError(
            f"{layer.where}: truncated: {tally.read:,} features of {layer.count:,} could be read"
        )
    if tally.read == 0:
        raise InputError(f"{layer.where}: the layer '{layer.title}' holds no features")
