"""A change: one building of the real city becomes a storey taller; the next run, beside a whole run.

Once in Seoul, once in four of it side by side, one of which changes: what a run costs whatever it has to do
(starting Python, loading libraries) weighs less there. Limit: at most 10 % of a whole run. The tiles made
anew are those that hold the building, those whose estimates look at it, and those above.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.city import newest
from bench.read import as_flatgeobuf
from bench.resume import NAME, build_seconds, recipe_of, workspace_with_terrain
from bench.scale import write_copies

__all__ = ["measure"]

_COPIES = 4


def measure(data: Path, work: Path) -> dict[str, Any]:
    """Of both sizes a whole run, the change, and the run after it, from FlatGeobuf with the terrain built."""
    city = workspace_with_terrain(work / "partial")
    lines = data / "buildings" / "seoul_osm_buildings.geojsonl.gz"
    source = as_flatgeobuf(lines, work / "partial.fgb")
    found = {"seoul": _after_a_change(city, source, source)}
    copies = work / f"copies-{_COPIES}"
    write_copies(lines, copies, _COPIES)
    return {
        "limit": {"share_of_a_whole_run": 0.1},
        **found,
        "four_of_it": _after_a_change(city, copies / "*.fgb", copies / "00.fgb"),
    }


def _after_a_change(city: Path, sources: Path, changed: Path) -> dict[str, Any]:
    recipe = recipe_of(city, sources)
    whole = build_seconds(recipe, city)
    _make_taller(changed)
    after = build_seconds(recipe, city)
    report = json.loads((newest(city, NAME).parent / "report.json").read_text(encoding="utf-8"))
    return {
        "buildings": report["features_built"],
        "whole_s": whole,
        "after_the_change_s": after,
        "share_of_a_whole_run": round(after / whole, 2),
        "seconds_after_the_change": report["seconds"],
        "tiles": report["tiles"],
        "tiles_made_anew": report["tiles"] - report["reused"],
    }


def _make_taller(source: Path) -> None:
    """The first building of the file that has a height."""
    import pyarrow as pa
    import pyogrio

    meta, table = pyogrio.read_arrow(str(source))
    at = table.schema.get_field_index("height_m")
    heights = table.column(at).to_pylist()
    row = next(i for i, height in enumerate(heights) if height)
    heights[row] = str(float(heights[row]) + 3.0) if isinstance(heights[row], str) else heights[row] + 3.0
    changed = table.set_column(at, table.schema.field(at), pa.array(heights, table.schema.field(at).type))
    name = meta["geometry_name"] or "wkb_geometry"
    source.unlink()
    pyogrio.write_arrow(
        changed,
        str(source),
        geometry_name=name,
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver="FlatGeobuf",
    )
