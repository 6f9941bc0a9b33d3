"""A recipe of a base map: which source draws what, over which area, to which levels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smap.build.basemap_style import AREAS, LINES
from smap.build.table import Table
from smap.errors import RecipeError
from smap.tiling.basemap import FINEST

__all__ = ["BasemapRule", "MapLayer", "read_basemap"]

_DRAWS = ("relief", *AREAS, *reversed(LINES))
_MIN, _MAX = 8, 16
_VECTOR_KEYS = ("member", "layer", "encoding", "where")

Degrees = tuple[float, float, float, float]


@dataclass(frozen=True)
class MapLayer:
    """One [[source]]. path: absolute, may hold a glob; member: the list to take out of a JSON object."""

    path: str
    draws: str
    member: str | None = None
    layer: str | None = None
    encoding: str | None = None
    where: str | None = None
    crs: str | None = None
    nodata: float | None = None


@dataclass(frozen=True)
class BasemapRule:
    """area: degrees, None: where the relief is known. finer: areas with tiles up to a level of their own."""

    layers: tuple[MapLayer, ...]
    area: Degrees | None
    least: int
    most: int
    finer: tuple[tuple[int, Degrees], ...]

    def of(self, draws: str) -> list[MapLayer]:
        """The layers that draw one thing."""
        return [layer for layer in self.layers if layer.draws == draws]


def read_basemap(sources: list[Table], levels: Table, folder: Path) -> BasemapRule:
    """The rule of a recipe; RecipeError for the first key that cannot be built."""
    layers = tuple(one for table in sources for one in _layers(table, folder))
    if not any(layer.draws == "relief" for layer in layers):
        raise RecipeError(
            f"{sources[0].where('draws')}: no source draws the relief: a base map needs an elevation raster, "
            'with draws = "relief"'
        )
    least, most = _level(levels, "min", _MIN), _level(levels, "max", _MAX)
    if least > most:
        raise RecipeError(f"{levels.where('min')}: {least} is finer than max = {most}")
    area = _area(levels)
    finer = tuple(_finer(table, most) for table in levels.tables("finer"))
    levels.finish()
    return BasemapRule(layers, area, least, most, finer)


def _layers(table: Table, folder: Path) -> list[MapLayer]:
    paths = table.text_or_texts("path")
    draws = table.choice("draws", _DRAWS)
    is_relief = draws == "relief"
    said = {key: None if is_relief else table.text(key) for key in _VECTOR_KEYS}
    crs, nodata = table.text("crs"), table.number("nodata") if is_relief else None
    table.finish()
    if said["member"] is not None and (said["where"] or draws in AREAS):
        wrong = "no areas, only lines" if draws in AREAS else "nothing that where = could ask for"
        raise RecipeError(f"{table.where('member')}: a list of coordinate lists holds {wrong}")
    return [
        MapLayer(str((folder / path).absolute()), draws, crs=crs, nodata=nodata, **said) for path in paths
    ]


def _finer(table: Table, most: int) -> tuple[int, Degrees]:
    level, area = _level(table, "max", most), _area(table)
    table.finish()
    if area is None:
        raise RecipeError(f"{table.where('area')}: missing; give degrees as [west, south, east, north]")
    if level <= most:
        raise RecipeError(f"{table.where('max')}: {level} is no finer than the whole map's {most}")
    return level, area


def _level(table: Table, key: str, default: int) -> int:
    level = table.whole_number(key, default)
    if not 0 <= level <= FINEST:
        raise RecipeError(f"{table.where(key)}: {level} is no level of a base map: give 0 to {FINEST}")
    return level


def _area(table: Table) -> Degrees | None:
    numbers = table.numbers("area", 4)
    if numbers is None:
        return None
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise RecipeError(
            f"{table.where('area')}: {list(numbers)} is no area: give degrees as [west, south, east, north]"
        )
    return west, south, east, north
