"""Links to buildings over a new vintage of the real Seoul: rows shuffled, 1 % moved by 0.3 m, 1 % removed.

Twice: with the source's own ids, and without any, when `smap_id` is made of the place. Every building has a
link. Limit: 99 % of those to surviving buildings hold, by their `smap_id` or found again by place and area;
none leads to another building than before, and those to removed buildings are listed as broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.read import as_flatgeobuf
from smap.build.linking import Buildings, Link, read_buildings, resolve
from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from smap.geo.ellipsoid import to_ecef

__all__ = ["measure"]

_SEED = 20261126
_SHARE, _STEP_M = 0.01, 0.3
_SURE_M = 0.5
"""Nearer than this it is the same building: it was moved by 0.3 m at most."""
_RECIPE = """
[tileset]
name = "seoul"
kind = "buildings"
attribution = "© OpenStreetMap contributors, ODbL"
[[source]]
path = "{path}"
[source.fields]
{fields}
"""
_FIELDS = {"own_ids": 'id = "osm_way_id"', "ids_of_the_place": 'height = "height_m"'}


@dataclass(frozen=True)
class _Survey:
    """Rows of a file: wkb object (n,), columns by name."""

    wkb: NDArray[np.object_]
    columns: list[NDArray[Any]]
    fields: list[str]


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Figures for ids of the source and for ids of the place."""
    before = as_flatgeobuf(data / "buildings" / "seoul_osm_buildings.geojsonl.gz", work / "before.fgb")
    survey = _read(before)
    after, removed = _next_vintage(survey)
    _write(after, work / "after.fgb")
    told = {kind: _compared(work, fields) for kind, fields in _FIELDS.items()}
    return {"limit": {"hold_share": 0.99, "led_elsewhere": 0}, "removed": removed, **told}


def _read(path: Path) -> _Survey:
    import pyogrio

    meta, _, wkb, columns = pyogrio.raw.read(str(path))
    return _Survey(wkb, list(columns), list(meta["fields"]))


def _next_vintage(survey: _Survey) -> tuple[_Survey, int]:
    """The same rows in another order, some moved to one side, some gone; and how many are gone."""
    import shapely

    random = np.random.default_rng(_SEED)
    order = random.permutation(len(survey.wkb))
    some = round(_SHARE * len(order))
    wkb = survey.wkb.copy()
    turn = random.uniform(0.0, 2.0 * np.pi, some)
    step = np.degrees(_STEP_M / 6_378_137.0) * np.column_stack([np.cos(turn), np.sin(turn)])
    step[:, 0] /= np.cos(np.radians(37.56))
    shapes = shapely.from_wkb(wkb[order[:some]])
    counts = shapely.get_num_coordinates(shapes)
    moved = shapely.set_coordinates(shapes, shapely.get_coordinates(shapes) + np.repeat(step, counts, axis=0))
    wkb[order[:some]] = shapely.to_wkb(moved)
    stays = random.permutation(order[:-some])
    return _Survey(wkb[stays], [column[stays] for column in survey.columns], survey.fields), some


def _write(survey: _Survey, path: Path) -> None:
    import pyogrio

    path.unlink(missing_ok=True)
    more = {"geometry_type": "Polygon", "crs": "EPSG:4326", "driver": "FlatGeobuf"}
    # FlatGeobuf sorts its rows along a curve unless it is told not to
    more["SPATIAL_INDEX"] = "NO"
    pyogrio.raw.write(str(path), survey.wkb, survey.columns, survey.fields, **more)


def _compared(work: Path, fields: str) -> dict[str, Any]:
    before, after = (_built(work, name, fields) for name in ("before", "after"))
    links = [
        Link(str(number), name, lon, lat, area)
        for number, (name, (lon, lat), area) in enumerate(
            zip(before.ids.tolist(), before.lonlat.tolist(), before.area.tolist(), strict=True)
        )
    ]
    found = resolve(links, after)
    is_found = {link.record: now for link, now in found.found}
    broken = {link.record for link in found.broken}
    holding = [link for link in links if link.record not in broken]
    elsewhere = _far(holding, [is_found.get(link.record, link.smap_id) for link in holding], after)
    surviving = len(after.ids)
    return {
        "links": len(links),
        "surviving": surviving,
        "kept": found.kept,
        "found_again": len(found.found),
        "broken": len(found.broken),
        "hold_share": round((len(holding) - elsewhere) / surviving, 5),
        "led_elsewhere": elsewhere,
    }


def _built(work: Path, name: str, fields: str) -> Buildings:
    recipe = work / f"{name}.toml"
    recipe.write_text(_RECIPE.format(path=work / f"{name}.fgb", fields=fields), encoding="utf-8")
    report = build(recipe, workspace=work / "links", progress=SilentProgress())
    return read_buildings([Path(report.out) / "seoul.3tz"])


def _far(links: list[Link], names: list[str], buildings: Buildings) -> int:
    """How many links lead to a building that stands elsewhere than they say."""
    row = {name: number for number, name in enumerate(buildings.ids.tolist())}
    there = buildings.lonlat[[row[name] for name in names]]
    said = np.array([(link.lon, link.lat) for link in links])
    return int((np.linalg.norm(to_ecef(*there.T) - to_ecef(*said.T), axis=1) > _SURE_M).sum())
