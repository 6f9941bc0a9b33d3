"""Reading records: by layer, by box, by id. Every call is blocking: run it in a thread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Float,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
)

from smap.content.database import layers_of, reading
from smap.content.model import LayerModel, layer_model
from smap.content.record import Bbox, LayerInfo, Page, Record, Revision
from smap.content.shapes import Shape
from smap.content.systems import System, around
from smap.content.tables import records, revisions, shown
from smap.errors import NotFoundError, UsageError

__all__ = [
    "fetch_page",
    "fetch_record",
    "get_record",
    "history",
    "in_box",
    "in_shape",
    "layers",
    "list_records",
    "record_of",
    "select_shown",
]

_SHOWN_REVISION = and_(revisions.c.record == shown.c.record, revisions.c.revision == shown.c.revision)
_SHAPE = revisions.alias("shape")
_SHAPE_REVISION = and_(_SHAPE.c.record == shown.c.record, _SHAPE.c.revision == shown.c.revision)
_PLACE = table("shown_place", *(column(name) for name in ("key", "west", "south", "east", "north")))
"""The R*Tree beside `shown`."""
_CORNERS = ("west", "south", "east", "north")
_Corners: TypeAlias = Bbox | tuple[ColumnElement[float], ...]


def layers(engine: Engine) -> list[LayerInfo]:
    """Give every layer in its fixed order, with the count and extent of what is published."""
    extent = (
        func.min(shown.c.west),
        func.min(shown.c.south),
        func.max(shown.c.east),
        func.max(shown.c.north),
    )
    query = select(shown.c.layer, func.count(), *extent).where(~shown.c.draft).group_by(shown.c.layer)
    with reading(engine) as connection:
        found = {row[0]: row for row in connection.execute(query)}
    return [_layer_info(model, found.get(layer)) for layer, model in layers_of(engine).items()]


def list_records(
    engine: Engine,
    layer: str,
    *,
    bbox: Bbox | None = None,
    system: System | None = None,
    limit: int | None = 10,
    offset: int = 0,
    drafts: bool = False,
    where: Sequence[ColumnElement[bool]] = (),
    order: Sequence[ColumnElement[Any]] = (),
) -> Page:
    """Give a page of a layer in the order of the ids; `limit` None gives all.

    `bbox` keeps the records whose geometry meets the box, edges included; it is in degrees, or as `in_box` of
    its `system`. `drafts`: the newest revision
    of every record instead of the last published one. `where`, `order`: conditions and what comes before
    the id in the order, over `shown` and `revisions` (smap.content.filtering makes them). Errors:
    NotFoundError for an unknown layer; UsageError for a negative limit or offset, or a box that is none.
    """
    with reading(engine) as connection:
        return fetch_page(
            connection,
            layer,
            bbox=bbox,
            system=system,
            limit=limit,
            offset=offset,
            drafts=drafts,
            where=where,
            order=order,
        )


def fetch_page(
    connection: Connection,
    layer: str,
    *,
    bbox: Bbox | None = None,
    system: System | None = None,
    limit: int | None = None,
    offset: int = 0,
    drafts: bool = False,
    where: Sequence[ColumnElement[bool]] = (),
    order: Sequence[ColumnElement[Any]] = (),
) -> Page:
    """Do as `list_records` does, inside the caller's transaction."""
    layer_model(layer, layers_of(connection))
    if offset < 0 or (limit is not None and limit < 0):
        raise UsageError(f"limit {limit} and offset {offset} must not be negative")
    values: dict[str, Any] = {"layer": layer, "limit": -1 if limit is None else limit, "offset": offset}
    if where or order or not _is_plain(bbox, system):
        chosen = _chosen(drafts=drafts, boxed=bbox is not None)
        if where or order:
            chosen = chosen.join(revisions, _SHOWN_REVISION).where(*where)
        if bbox is not None:
            chosen = chosen.where(in_box(bbox, system))
        count, page = _count_and_page(chosen, order, drafts=drafts)
    else:
        count, page = _usual(drafts=drafts, boxed=bbox is not None)
        values |= {} if bbox is None else dict(zip(_CORNERS, _checked(bbox), strict=True))
    matched = connection.execute(count, values).scalar_one()
    return Page([record_of(row) for row in connection.execute(page, values)], matched)


def _is_plain(bbox: Bbox | None, system: System | None) -> bool:
    """Whether a box is one of degrees that does not go over the antimeridian."""
    return bbox is None or ((system is None or system.crs is None) and bbox[0] <= bbox[2])


@lru_cache(maxsize=4)
def _usual(*, drafts: bool, boxed: bool) -> tuple[Select[Any], Select[Any]]:
    """What is asked most, written once: to write it anew takes three times as long as its answer."""
    chosen = _chosen(drafts=drafts, boxed=boxed)
    if boxed:
        west, south, east, north = (bindparam(corner, type_=Float) for corner in _CORNERS)
        chosen = chosen.where(_meets_box((west, south, east, north)))
    return _count_and_page(chosen, (), drafts=drafts)


def _chosen(*, drafts: bool, boxed: bool) -> Select[Any]:
    """The records of a layer. With a box the R*Tree is asked first, and not the index of the whole layer:
    1 ms instead of 12 of 100,000 records.
    """
    layer = shown.c.layer.concat("") if boxed else shown.c.layer
    asked = layer == bindparam("layer", type_=Text)
    return select(shown.c.key, shown.c.id).where(shown.c.draft.is_(drafts), asked)


def _count_and_page(
    chosen: Select[Any], order: Sequence[ColumnElement[Any]], *, drafts: bool
) -> tuple[Select[Any], Select[Any]]:
    """How many there are, and some of them; the page is cut before the records are fetched: one far back
    costs its keys only.
    """
    some = chosen.order_by(*order, shown.c.id)
    keys = some.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer)).subquery()
    query = select_shown(drafts=drafts).where(shown.c.key.in_(select(keys.c.key)))
    return select(func.count()).select_from(chosen.subquery()), query.order_by(*order, shown.c.id)


def get_record(engine: Engine, layer: str, id: str, *, drafts: bool = False) -> Record:
    """Give one record: its last published revision, or with `drafts` its newest. Errors: NotFoundError."""
    layer_model(layer, layers_of(engine))
    with reading(engine) as connection:
        return fetch_record(connection, layer, id, drafts=drafts)


def fetch_record(connection: Connection, layer: str, id: str, *, drafts: bool) -> Record:
    """Do as `get_record` does, inside the caller's transaction."""
    query = select_shown(drafts=drafts).where(shown.c.layer == layer, shown.c.id == id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(f"the layer {layer} has no record '{id[:80]}'")
    return record_of(row)


def history(engine: Engine, layer: str, id: str) -> list[Revision]:
    """Give every revision of a record, newest first; also of a deleted one. Errors: NotFoundError."""
    layer_model(layer, layers_of(engine))
    query = (
        select(revisions, records.c.published)
        .join(records, records.c.key == revisions.c.record)
        .where(records.c.layer == layer, records.c.id == id)
        .order_by(revisions.c.revision.desc())
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    if not rows:
        raise NotFoundError(f"the layer {layer} never had a record '{id[:80]}'")
    return [_revision_of(row) for row in rows]


def select_shown(*, drafts: bool) -> Select[Any]:
    """Give the query of what is shown to the editors (drafts) or to the public, one row a record."""
    columns = (shown.c.layer, shown.c.id, shown.c.revision, records.c.published)
    return (
        select(*columns, revisions.c.geometry, revisions.c.properties, revisions.c.at)
        .select_from(shown)
        .join(records, records.c.key == shown.c.record)
        .join(revisions, _SHOWN_REVISION)
        .where(shown.c.draft.is_(drafts))
    )


def record_of(row: Row[*tuple[Any, ...]]) -> Record:
    """Give the record of a row of `select_shown`."""
    return Record(
        layer=row.layer,
        id=row.id,
        revision=row.revision,
        status="published" if row.published == row.revision else "draft",
        geometry=json.loads(row.geometry),
        properties=json.loads(row.properties),
        updated=datetime.fromisoformat(row.at),
    )


def _layer_info(model: LayerModel, row: Row[*tuple[Any, ...]] | None) -> LayerInfo:
    title = dict(model.title)
    if row is None:
        return LayerInfo(model.id, title, 0, None)
    return LayerInfo(model.id, title, row[1], (row[2], row[3], row[4], row[5]))


def _revision_of(row: Row[*tuple[Any, ...]]) -> Revision:
    return Revision(
        revision=row.revision,
        action=row.action,
        author=row.author,
        at=datetime.fromisoformat(row.at),
        published=row.published == row.revision,
        geometry=json.loads(row.geometry),
        properties=json.loads(row.properties),
    )


def in_box(bbox: Bbox, system: System | None = None) -> ColumnElement[bool]:
    """Say in SQL, beside `shown`, that a geometry meets a box (x before y) of the system; without it degrees.

    A geometry is read only where its own box does not tell. Errors: UsageError for a box that is none.
    """
    if system is not None and system.crs is not None:
        return _in_projected(bbox, system)
    west, south, east, north = _checked(bbox)
    if west <= east:
        return _meets_box(bbox)
    return or_(_meets_box((west, south, 180.0, north)), _meets_box((-180.0, south, east, north)))


def in_shape(shape: Shape, system: System) -> ColumnElement[bool]:
    """Say in SQL, beside `shown`, that a geometry meets a shape of the system: first by its box."""
    exact = func.meets_shape(_geometry(), system.uri, shape.text) == 1
    wider = shape.box if system.crs is None else around(shape.box, system)
    return exact if wider is None else and_(_near(wider), exact)


def _checked(bbox: Bbox) -> Bbox:
    west, south, east, north = bbox
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise UsageError(f"bbox {bbox} is no box: give west, south, east, north in degrees, south ≤ north")
    return bbox


def _in_projected(box: Bbox, system: System) -> ColumnElement[bool]:
    exact = func.meets_box_in(_geometry(), system.uri, *box) == 1
    wider = around(box, system)
    return exact if wider is None else and_(_near(wider), exact)


def _meets_box(box: _Corners) -> ColumnElement[bool]:
    """First the R*Tree (its numbers are float32, rounded outwards), then the exact box, then the geometry."""
    west, south, east, north = box
    overlaps = and_(
        shown.c.west <= east, shown.c.east >= west, shown.c.south <= north, shown.c.north >= south
    )
    within = and_(shown.c.west >= west, shown.c.east <= east, shown.c.south >= south, shown.c.north <= north)
    exact = func.meets_box(_geometry(), west, south, east, north) == 1
    return and_(_near(box), overlaps, or_(shown.c.point, within, exact))


def _near(box: _Corners) -> ColumnElement[bool]:
    west, south, east, north = box
    place = _PLACE.c
    met = and_(place.west <= east, place.east >= west, place.south <= north, place.north >= south)
    return shown.c.key.in_(select(place.key).where(met))


def _geometry() -> ColumnElement[str]:
    return select(_SHAPE.c.geometry).where(_SHAPE_REVISION).correlate(shown).scalar_subquery()
