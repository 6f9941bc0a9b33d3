"""One [[source]] of a recipe of models: which files, where they stand, what is known of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from smap.build.table import Table
from smap.errors import RecipeError
from smap.geo.crs import KOREA

__all__ = ["Fact", "ModelRule", "Place", "read_models"]

Fact = str | int | float | bool

_MODES = ("orthometric", "ellipsoid", "above_ground")
_OURS = ("smap_id", "ground_source")
_RECORD = re.compile(r"[a-z][a-z0-9_-]*/[^\s/]+")
_HIGHEST_M = 9000.0
"""No height in a recipe for this earth is larger, up or down."""


@dataclass(frozen=True)
class Place:
    """[source.place]: degrees; heading: clockwise seen from above; scale: metres per unit of the file.

    height: metres by the mode, None on the ground.
    """

    lon: float
    lat: float
    height: float | None = None
    height_mode: str = "above_ground"
    heading: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True)
class ModelRule:
    """paths: absolute, the finest first. id: its own, unique by source. facts: all [source.properties]."""

    paths: tuple[str, ...]
    source: str
    id: str
    place: Place
    facts: Mapping[str, Fact]

    @property
    def smap_id(self) -> str:
        """Who it is everywhere."""
        return f"{self.source}:{self.id}"


def read_models(tables: list[Table], folder: Path, tileset: str) -> tuple[ModelRule, ...]:
    """The models of a recipe; RecipeError for the first key that cannot be built, and for double ids."""
    models = tuple(_model(table, folder, tileset) for table in tables)
    seen: dict[str, ModelRule] = {}
    for model in models:
        first = seen.setdefault(model.smap_id, model)
        if first is not model:
            files = " and of ".join(Path(one.paths[0]).name for one in (first, model))
            raise RecipeError(
                f"{tables[0].where('id')}: '{model.id}' is the id of {files}; "
                "give each an id of its own in [source.properties]"
            )
    return models


def _model(table: Table, folder: Path, tileset: str) -> ModelRule:
    path = table.text("path", required=True)
    table = table.of(path)
    files = (table.text("path", required=True), *table.texts("coarser"))
    source = table.text("name") or tileset
    place = _place(table.table("place", required=True))
    properties = table.table("properties")
    facts = properties.facts()
    table.finish()
    _check_facts(facts, properties)
    paths = tuple(str((folder / file).absolute()) for file in files)
    return ModelRule(paths, source, str(facts.get("id", Path(path).stem)), place, facts)


def _place(table: Table) -> Place:
    lon, lat = (_degrees(table, key) for key in ("lon", "lat"))
    _check_korea(table, lon, lat)
    height = table.word_or_number("height", "ground")
    mode = table.choice("height_mode", _MODES, "" if height is None else None)
    if height is None and mode:
        raise RecipeError(
            f"{table.where('height_mode')}: '{mode}' without metres: give height as a number, "
            "or leave height_mode out for a model on the ground"
        )
    if height is not None and abs(height) > _HIGHEST_M:
        raise RecipeError(f"{table.where('height')}: {height:g} m is no height on this earth")
    place = Place(
        lon=lon,
        lat=lat,
        height=height,
        height_mode=mode or "above_ground",
        heading=table.number_within("heading", -360.0, 360.0) or 0.0,
        scale=table.positive("scale", 1.0),
    )
    table.finish()
    return place


def _degrees(table: Table, key: str) -> float:
    value = table.number(key)
    if value is None:
        raise RecipeError(f"{table.where(key)}: missing; give the model's place in degrees")
    return value


def _check_korea(table: Table, lon: float, lat: float) -> None:
    west, south, east, north = KOREA
    if west <= lon <= east and south <= lat <= north:
        return
    swapped = west <= lat <= east and south <= lon <= north
    advice = (
        "lon and lat are swapped" if swapped else f"give lon {west:g} to {east:g}, lat {south:g} to {north:g}"
    )
    raise RecipeError(f"{table.where('lon, lat')}: {lon:g}, {lat:g} is not in Korea: {advice}")


def _check_facts(facts: Mapping[str, Fact], table: Table) -> None:
    for key in _OURS:
        if key in facts:
            raise RecipeError(f"{table.where(key)}: S-Map gives this property itself; leave it out")
    for key in ("id", "name", "name_en", "content"):
        if key in facts and not isinstance(facts[key], str):
            raise RecipeError(f'{table.where(key)}: {facts[key]!r} is not a text, as in "…"')
    height = facts.get("height", 1.0)
    if isinstance(height, str | bool) or height <= 0:
        raise RecipeError(f"{table.where('height')}: {height!r} is not a number of metres above 0")
    content = facts.get("content")
    if content is not None and not _RECORD.fullmatch(str(content)):
        raise RecipeError(
            f"{table.where('content')}: {content!r} names no record: give layer/id, "
            'as in "heritage/gwanghwamun"'
        )
