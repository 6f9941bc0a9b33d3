"""Recipes: what to build, from which sources, by which rules. TOML in, frozen records out."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from smap.build.basemaprule import BasemapRule, read_basemap
from smap.build.columns import PUBLISHED
from smap.build.heightrule import RUNGS, HeightRule, read_heights, read_parapet
from smap.build.linerule import LINE_KINDS, LineRule, read_line_rule
from smap.build.modelrule import ModelRule, read_models
from smap.build.table import Table
from smap.errors import InputError, RecipeError

__all__ = [
    "FIELDS",
    "KINDS",
    "PUBLISHED",
    "RUNGS",
    "GroundRule",
    "HeightRule",
    "Join",
    "MaskRule",
    "Recipe",
    "Source",
    "WaterRule",
    "parse_recipe",
    "read_recipe",
]

KINDS = ("buildings", "terrain", "models", "basemap", *LINE_KINDS)

FIELDS = (
    *("id", "name", "height", "floors", "pnu", "name_en", "floors_below"),
    *("dong", "use", "structure", "year_built", "address", "lot"),
    *("roof_shape", "roof_height", "roof_levels", "roof_direction", "roof_orientation"),
    *("min_height", "min_level", "part", "part_of"),
)
"""Our properties that a building source may name its own fields for."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KOREAN_DATUM = "EPSG:5193"
"""Incheon height, the legal vertical datum of South Korea (EPSG registry)."""
_DATUMS = (_KOREAN_DATUM, "EPSG:5773", "ellipsoid")
_FINEST = 22
"""The finest level of terrain that a recipe may ask for."""


@dataclass(frozen=True)
class Join:
    """One [[source.join]]: rows of other files whose `key` is the source's `on` ("id" or "pnu").

    paths are absolute and may hold globs; fields: our property to their field.
    """

    paths: tuple[str, ...]
    key: str
    on: str = "id"
    preset: str | None = None
    layer: str | None = None
    encoding: str | None = None
    where: str | None = None
    keep: tuple[str, ...] = ()
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Source:
    """One [[source]]: path is absolute and may hold a glob; clip in degrees (west, south, east, north).

    A list of paths becomes as many sources that say the same.
    """

    path: str
    name: str | None = None
    preset: str | None = None
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    where: str | None = None
    nodata: float | None = None
    priority: int = 0
    clip: tuple[float, float, float, float] | None = None
    keep: tuple[str, ...] = ()
    fields: Mapping[str, str] | None = None
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True)
class GroundRule:
    """[ground]: terrain is the path of a recipe, raster or archive; datum_given: the recipe says it.

    accuracy_m: of a terrain's heights, as its source states it. geoid: the file of the user's own.
    """

    terrain: Path | None = None
    vertical_datum: str = _KOREAN_DATUM
    datum_given: bool = False
    accuracy_m: float | None = None
    geoid: Path | None = None


@dataclass(frozen=True)
class WaterRule:
    """[water]: areas that the terrain marks as water. path: absolute, may hold a glob; where: OGR SQL."""

    path: str
    layer: str | None = None
    where: str | None = None
    crs: str | None = None


@dataclass(frozen=True)
class MaskRule:
    """[[mask]]: what lies in these areas is left out ("drop") or drawn without a word ("block")."""

    path: str
    action: str


@dataclass(frozen=True)
class Recipe:
    """A whole recipe. path: its file; warnings: what it leaves open, one line each.

    era: None is every era. depicts: the content layer whose records a tileset of models draws in full.
    A recipe of models has `models` and no sources, one of a base map `basemap`, one of lines `lines`.
    parapet_m: of flat roofs, 0: none.
    """

    path: Path
    name: str
    kind: str
    title: Mapping[str, str]
    attribution: str
    access: str
    sources: tuple[Source, ...]
    heights: HeightRule = field(default_factory=HeightRule)
    ground: GroundRule = GroundRule()
    masks: tuple[MaskRule, ...] = ()
    max_level: int | None = None
    error_m: float | None = None
    parapet_m: float = 0.0
    water: WaterRule | None = None
    era: str | None = None
    depicts: str | None = None
    models: tuple[ModelRule, ...] = ()
    basemap: BasemapRule | None = None
    lines: LineRule | None = None
    warnings: tuple[str, ...] = ()


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file; InputError when it cannot be read, RecipeError when it cannot be built."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such recipe") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a recipe: name its .toml file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not TOML, byte {error.start} is not UTF-8") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML, {str(error)[:1].lower()}{str(error)[1:]}") from None
    return parse_recipe(content, path)


def parse_recipe(content: Mapping[str, Any], path: Path) -> Recipe:
    """The recipe that a TOML document says; paths in it are relative to the folder of path."""
    whole = Table(content, f"{path}", "")
    tileset = whole.table("tileset", required=True)
    name, kind = _name_and_kind(tileset)
    title = tileset.words("title") or {"ko": name, "en": name}
    attribution = tileset.text("attribution")
    access = tileset.choice("access", ("public", "staff"), "public")
    era = _small_name(tileset, "era", "hanyang")
    depicts = _small_name(tileset, "depicts", "wall") if kind == "models" else LINE_KINDS.get(kind)
    tileset.finish()
    tables = whole.tables("source", required=True)
    models = read_models(tables, path.parent, name) if kind == "models" else ()
    basemap = read_basemap(tables, whole.table("levels"), path.parent) if kind == "basemap" else None
    lines = read_line_rule(tables, whole.table("form"), path.parent, kind) if kind in LINE_KINDS else None
    groups = [] if models or basemap or lines else [_sources(t, path.parent, kind) for t in tables]
    buildings, terrain = kind == "buildings", kind == "terrain"
    heights = read_heights(whole.table("heights")) if buildings else HeightRule()
    ground = GroundRule() if basemap else _ground(whole.table("ground"), path.parent, kind)
    masked = buildings or lines is not None
    masks = tuple(_mask(t, path.parent) for t in whole.tables("mask")) if masked else ()
    parapet_m = read_parapet(whole.table("roofs")) if buildings else 0.0
    max_level, error_m = _levels(whole.table("levels")) if terrain else (None, None)
    water = _water(whole.table("water"), path.parent) if "water" in content and terrain else None
    whole.finish()
    return Recipe(
        path=path,
        name=name,
        kind=kind,
        title=title,
        attribution=attribution or "",
        access=access,
        sources=tuple(source for group in groups for source in group),
        heights=heights,
        ground=ground,
        masks=masks,
        max_level=max_level,
        error_m=error_m,
        parapet_m=parapet_m,
        water=water,
        era=era,
        depicts=depicts,
        models=models,
        basemap=basemap,
        lines=lines,
        warnings=tuple(_unsaid(path, attribution, [group[0] for group in groups] if buildings else [])),
    )


def _unsaid(path: Path, attribution: str | None, sources: list[Source]) -> Iterator[str]:
    """What a recipe leaves open; sources: one of each [[source]]."""
    if not attribution:
        yield f"{path.name}: [tileset] attribution is missing: nobody is credited"
    shared = Counter(one.preset for one in sources if one.name is None)
    for preset, n in shared.items():
        if n > 1:
            yield (
                f"{path.name}: {n} [[source]] without a name share '{preset or 'the name of the tileset'}' "
                "in smap_id: an id that stands in two of them is double; give each a name"
            )


def _name_and_kind(tileset: Table) -> tuple[str, str]:
    name = tileset.text("name", required=True)
    if not _NAME.fullmatch(name):
        raise RecipeError(
            f"{tileset.where('name')}: {name!r} is no name for a tileset: small letters, digits and hyphens, "
            "at most 63"
        )
    return name, tileset.choice("kind", KINDS)


def _small_name(tileset: Table, key: str, example: str) -> str | None:
    name = tileset.text(key)
    if name is not None and not _NAME.fullmatch(name):
        raise RecipeError(
            f"{tileset.where(key)}: {name!r} is no name for this: small letters, digits and hyphens, "
            f'as in "{example}"'
        )
    return name


def _sources(table: Table, folder: Path, kind: str) -> list[Source]:
    vector = kind == "buildings"
    paths = table.text_or_texts("path")
    source = Source(
        path=_beside(folder, paths[0]),
        crs=table.text("crs"),
        priority=table.whole_number("priority", 0),
        clip=_clip(table),
        name=table.text("name") if vector else None,
        preset=table.text("preset") if vector else None,
        layer=table.text("layer") if vector else None,
        encoding=table.text("encoding") if vector else None,
        where=table.text("where") if vector else None,
        keep=_keep(table) if vector else (),
        fields=_fields(table.table("fields"), FIELDS) if vector else None,
        nodata=None if vector else table.number("nodata"),
        joins=tuple(_join(t, folder) for t in table.tables("join")) if vector else (),
    )
    table.finish()
    return [replace(source, path=_beside(folder, path)) for path in paths]


def _join(table: Table, folder: Path) -> Join:
    paths = tuple(_beside(folder, path) for path in table.text_or_texts("path"))
    join = Join(
        paths=paths,
        key=table.text("key", required=True),
        on=table.choice("on", ("id", "pnu"), "id"),
        preset=table.text("preset"),
        layer=table.text("layer"),
        encoding=table.text("encoding"),
        where=table.text("where"),
        keep=_keep(table),
        fields=_fields(table.table("fields"), tuple(field for field in FIELDS if field != "id")),
    )
    table.finish()
    if not (join.preset or join.keep or join.fields):
        raise RecipeError(
            f"{table.where('key')}: this join takes nothing over: say what by [source.join.fields], keep or "
            "preset"
        )
    return join


def _keep(table: Table) -> tuple[str, ...]:
    keep = table.texts("keep")
    for name in keep:
        if name in (*PUBLISHED, *FIELDS, "height_error_m"):
            raise RecipeError(
                f"{table.where('keep')}: '{name}' is a property of our own; "
                f'say {name} = "{name}" in [source.fields] instead'
            )
    return keep


def _fields(table: Table, known: tuple[str, ...]) -> Mapping[str, str]:
    found = {field: table.text(field) for field in known}
    table.finish()
    return {ours: theirs for ours, theirs in found.items() if theirs is not None}


def _clip(table: Table) -> tuple[float, float, float, float] | None:
    numbers = table.numbers("clip", 4)
    if numbers is None:
        return None
    west, south, east, north = numbers
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise RecipeError(
            f"{table.where('clip')}: {list(numbers)} is no area: give degrees as [west, south, east, north]"
        )
    return west, south, east, north


def _ground(table: Table, folder: Path, kind: str) -> GroundRule:
    terrain = None if kind == "terrain" else table.text("terrain")
    datum = table.choice("vertical_datum", _DATUMS, "")
    accuracy_m = table.number_within("accuracy_m", 0.0, 1000.0) if kind == "terrain" else None
    geoid = table.text("geoid") if kind == "terrain" else None
    table.finish()
    paths = [Path(_beside(folder, path)) if path else None for path in (terrain, geoid)]
    return GroundRule(paths[0], datum or _KOREAN_DATUM, bool(datum), accuracy_m, paths[1])


def _mask(table: Table, folder: Path) -> MaskRule:
    path = _beside(folder, table.text("path", required=True))
    rule = MaskRule(path, table.choice("action", ("drop", "block"), "drop"))
    table.finish()
    return rule


def _water(table: Table, folder: Path) -> WaterRule:
    path = _beside(folder, table.text("path", required=True))
    rule = WaterRule(path, table.text("layer"), table.text("where"), table.text("crs"))
    table.finish()
    return rule


def _levels(table: Table) -> tuple[int | None, float | None]:
    """The finest level, and the metres that it may leave the ground."""
    level, error_m = table.number("max"), table.number_within("error_m", 0.05, 100.0)
    table.finish()
    if level is not None and not (0 <= level <= _FINEST and level.is_integer()):
        raise RecipeError(f"{table.where('max')}: {level:g} is no level of terrain: give 0 to {_FINEST}")
    return None if level is None else int(level), error_m


def _beside(folder: Path, path: str) -> str:
    return str((folder / path).absolute())
