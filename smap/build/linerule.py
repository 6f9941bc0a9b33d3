"""A recipe of the City Wall, of alleys or of paths: which lines, in what form they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from smap.build.table import Table
from smap.errors import RecipeError
from smap.scene.wall import MASONRY
from smap.store.release import read_current

__all__ = [
    "CONTENT",
    "FIELDS",
    "LINE_KINDS",
    "STATES",
    "LineRule",
    "LineSource",
    "read_line_rule",
    "with_content",
]

CONTENT = "@content"
"""As the path of a source: what was published of the workspace's content last."""
LINE_KINDS: Mapping[str, str] = {"wall": "wall", "alleys": "alleys", "paths": "tourism"}
"""The kinds and the layer of the content that each is drawn from."""
STATES = ("standing", "restored", "lost")
_COURSES = ("ridge", "as_drawn")
FIELDS = (
    "id",
    "name",
    "name_en",
    "category",
    "section",
    "state",
    "masonry",
    "height_m",
    "width_m",
    "length_m",
    "steps",
)


@dataclass(frozen=True)
class LineSource:
    """One [[source]]. path: absolute, may hold a glob, or CONTENT; fields: our property to their field."""

    path: str
    name: str | None = None
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    where: str | None = None
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True)
class LineRule:
    """states: of the wall that is drawn; course: "ridge" for sketches that follow it between their points.

    width_m, height_m: where the source gives none. masonry: of a wall whose period nobody says.
    """

    sources: tuple[LineSource, ...]
    states: tuple[str, ...] = STATES[:2]
    course: str = "as_drawn"
    width_m: float | None = None
    height_m: float | None = None
    masonry: str = "mixed"


def read_line_rule(sources: list[Table], form: Table, folder: Path, kind: str) -> LineRule:
    """The rule of a recipe; form: its [form]. RecipeError for the first key that cannot be built."""
    is_wall = kind == "wall"
    states = form.texts("states", STATES[:2]) if is_wall else ()
    for state in states:
        if state not in STATES:
            raise RecipeError(f"{form.where('states')}: unknown state {state!r}; known: {', '.join(STATES)}")
    rule = LineRule(
        sources=tuple(one for table in sources for one in _sources(table, folder)),
        states=states,
        course=form.choice("course", _COURSES, "as_drawn") if is_wall else "as_drawn",
        width_m=form.number_within("width_m", 0.3, 60.0),
        height_m=form.number_within("height_m", 0.3, 30.0) if is_wall else None,
        masonry=form.choice("masonry", tuple(MASONRY), "mixed") if is_wall else "mixed",
    )
    form.finish()
    if is_wall and (not states or ("lost" in states and len(states) > 1)):
        raise RecipeError(
            f'{form.where("states")}: {list(states)}: give some of {", ".join(STATES[:2])}, or "lost" alone: '
            "what stands no more is a tileset of its own"
        )
    return rule


def with_content(rule: LineRule, kind: str, workspace: Path) -> LineRule:
    """The rule with the published snapshot's file for CONTENT; RecipeError where nothing is published."""
    if not any(source.path == CONTENT for source in rule.sources):
        return rule
    release = read_current(workspace)
    if release is None or release.content is None:
        raise RecipeError(
            f'path = "{CONTENT}": nothing of the content is published in {workspace}; '
            "run  smap content publish  first"
        )
    path = str(workspace / "content" / release.content / f"{LINE_KINDS[kind]}.geojson")
    at = [replace(one, path=path) if one.path == CONTENT else one for one in rule.sources]
    return replace(rule, sources=tuple(at))


def _sources(table: Table, folder: Path) -> list[LineSource]:
    paths = table.text_or_texts("path")
    fields = table.table("fields")
    named = {ours: theirs for ours in FIELDS if (theirs := fields.text(ours)) is not None}
    fields.finish()
    source = LineSource(
        path="",
        name=table.text("name"),
        layer=table.text("layer"),
        encoding=table.text("encoding"),
        crs=table.text("crs"),
        where=table.text("where"),
        fields=named,
    )
    table.finish()
    return [
        replace(source, path=path if path == CONTENT else str((folder / path).absolute())) for path in paths
    ]
