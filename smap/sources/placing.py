"""Does a reference system put the data where the data themselves say? A .prj can be that of another file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smap.errors import CrsError
from smap.geo.crs import SEOUL, Crs, Suggestion, contradiction, fit, parse_crs, to_lonlat

__all__ = ["check_parcels", "doubt_of", "in_seoul", "likely_first", "parcel_field", "seoul_parcels"]

# PNU: 19 digits, of which the first two are the province (11 is Seoul); BD_MGT_SN begins with the same 19
_SEOUL_PARCEL = r"^11[0-9]{17}([0-9]{6})?$"
# Nearer than this a system is not another zone, but the same one with another datum or meridian: 2097 and
# 5181 lie 266 and 313 m from 5174
_SIBLING_M = 1000.0
# A system that differs by less says the same in other words (`layers._AGREE_M`)
_SAME_M = 0.5
# Share of a file's parcels outside Seoul that no mistake in single rows explains
_MOST = 0.5


def parcel_field(columns: Mapping[str, str]) -> str | None:
    """The field whose numbers begin with the legal dong; columns: our property to their field."""
    if "pnu" in columns:
        return columns["pnu"]
    own = columns.get("id", "")
    return own if own.upper() == "BD_MGT_SN" else None


def seoul_parcels(column: pa.Array) -> NDArray[np.bool_]:
    """Which rows name a parcel of Seoul: bool (n,)."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return np.zeros(len(column), bool)
    found = pc.fill_null(pc.match_substring_regex(column, _SEOUL_PARCEL), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def check_parcels(
    crs: Crs,
    bounds: tuple[float, float, float, float],
    *,
    field: str,
    parcels: int,
    at_home: int,
    grid: str | None,
    where: str,
) -> None:
    """CrsError when most parcels of Seoul do not lie there; bounds: west, south, east, north of the data.

    parcels, at_home: features that name one by `field`, and those of them that lie in Seoul. grid: the code
    that such files are published in.
    """
    if parcels - at_home <= _MOST * parcels:
        return
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    lon, lat = (float(np.degrees(v)) for v in to_lonlat(crs, x, y))
    place = "nowhere" if np.isnan(lon) else f"at {lon:.3f} E, {lat:.3f} N"
    codes = [s for s in likely_first(fit(crs, bounds), grid) if s.in_seoul]
    advice = f"correct it: {'; '.join(map(str, codes))}" if codes else "no Korean code puts it in Seoul"
    raise CrsError(
        f"{where}: {crs} puts the data {place}, but {parcels:,} numbers in '{field}' are parcels of Seoul "
        f"(they begin with 11): the system it names is not its own; {advice}"
    )


def in_seoul(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which positions (radians) lie in Seoul's box; NaN does not."""
    west, south, east, north = np.radians(SEOUL)
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def likely_first(found: Sequence[Suggestion], grid: str | None) -> list[Suggestion]:
    """Suggestions with that of the code `grid` first."""
    return sorted(found, key=lambda one: one.code != grid)


def doubt_of(crs: Crs, grid: str | None, sample: NDArray[np.float64], *, kind: str) -> str | None:
    """A warning where a file names a near relation of the system that such files are published in.

    sample: float64 (n, 2), some coordinates; kind: what the file is. Nobody can tell by the numbers alone
    whether it was turned into that system or got the wrong .prj.
    """
    if grid is None or not len(sample) or crs.code == grid:
        return None
    usual = parse_crs(grid)
    apart = contradiction(crs, usual, sample)
    if not _SAME_M < apart < _SIBLING_M:
        return None
    return (
        f"names {crs}, but {kind} is published in {usual}, {apart:,.0f} m away: unless it was converted, "
        f"write {grid} into its .prj"
    )
