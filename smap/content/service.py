"""Changing records: each call is one durable transaction with a new revision and a line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from smap.content.access import User, demand
from smap.content.audit import log
from smap.content.database import layers_of, writing
from smap.content.ledger import Head, append, find_head, put_aside, set_published
from smap.content.model import layer_model
from smap.content.record import Draft, Record
from smap.content.repository import fetch_record
from smap.content.validation import draft_of, slug_of
from smap.errors import ConflictError, NotFoundError

__all__ = ["create_record", "delete_record", "publish_record", "save_record", "unpublish_record"]


def create_record(
    engine: Engine, actor: User, layer: str, feature: Mapping[str, Any], *, now: datetime
) -> Record:
    """Write a new record as a draft; `feature` is a GeoJSON feature.

    Without an "id" one is made of its English name. Its revision is 1, or the next one where a deleted record
    had the id. Errors: ValidationError with every fault; ConflictError where the id is taken; NotFoundError
    for an unknown layer; AccessError.
    """
    demand(actor, "write")
    named = feature.get("id") is not None
    layers = layers_of(engine)
    draft = draft_of(feature if named else {**feature, "id": _proposed_id(feature)}, layer, layers)
    with writing(engine) as connection:
        if not named:
            draft = _with_free_id(connection, draft)
        head = find_head(connection, layer, draft.id)
        if head is not None and not head.deleted:
            raise ConflictError(f"the layer {layer} already has a record '{draft.id}': choose another id")
        append(connection, head, draft, action="created", author=actor.name, now=now)
        return _written(connection, actor, "create", draft.layer, draft.id, now)


def save_record(
    engine: Engine,
    actor: User,
    layer: str,
    id: str,
    feature: Mapping[str, Any],
    *,
    expected_revision: int,
    now: datetime,
) -> Record:
    """Write the next revision of a record as a draft; what is published stays what it is.

    The record keeps its `id`, whatever the feature says. Errors: ConflictError where the newest revision is
    not `expected_revision`; ValidationError with every fault; NotFoundError; AccessError.
    """
    demand(actor, "write")
    draft = draft_of({**feature, "id": id}, layer, layers_of(engine))
    with writing(engine) as connection:
        head = _expected_head(connection, layer, id, expected_revision)
        append(connection, head, draft, action="saved", author=actor.name, now=now)
        return _written(connection, actor, "save", layer, id, now)


def publish_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> Record:
    """Make the newest revision what the public sees. Errors: ConflictError, NotFoundError, AccessError."""
    return _set_published(engine, actor, "publish", (layer, id), expected_revision, now)


def unpublish_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> Record:
    """Take a record from the public; revisions stay. Errors: ConflictError, NotFoundError, AccessError."""
    return _set_published(engine, actor, "unpublish", (layer, id), expected_revision, now)


def delete_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> None:
    """Take a record from every list; its history stays. Errors: ConflictError, NotFoundError, AccessError."""
    demand(actor, "delete")
    layer_model(layer, layers_of(engine))
    with writing(engine) as connection:
        head = _expected_head(connection, layer, id, expected_revision)
        draft = _newest(connection, layer, id)
        deleted = append(connection, head, draft, action="deleted", author=actor.name, now=now)
        put_aside(connection, deleted)
        detail = f"revision {deleted.revision}"
        log(connection, actor=actor.name, action="delete", subject=f"{layer}/{id}", detail=detail, now=now)


def _proposed_id(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties")
    name = properties.get("name_en") if isinstance(properties, Mapping) else None
    return (slug_of(name) if isinstance(name, str) else "") or "record"


def _with_free_id(connection: Connection, draft: Draft) -> Draft:
    """Number the id where it was ever used: sungnyemun, sungnyemun-2, sungnyemun-3."""
    number, id = 1, draft.id
    while find_head(connection, draft.layer, id) is not None:
        number += 1
        id = f"{draft.id[:70]}-{number}"
    return Draft(draft.layer, id, draft.geometry, draft.properties)


def _expected_head(connection: Connection, layer: str, id: str, expected_revision: int) -> Head:
    head = find_head(connection, layer, id)
    if head is None or head.deleted:
        raise NotFoundError(f"the layer {layer} has no record '{id[:80]}'")
    if head.revision != expected_revision:
        raise ConflictError(
            f"{layer}/{id} was saved by somebody else: it is at revision {head.revision}, "
            f"yours began from {expected_revision}; load it anew and repeat your change"
        )
    return head


def _newest(connection: Connection, layer: str, id: str) -> Draft:
    record = fetch_record(connection, layer, id, drafts=True)
    return Draft(layer, id, record.geometry, record.properties)


def _set_published(
    engine: Engine,
    actor: User,
    action: str,
    name: tuple[str, str],
    expected_revision: int,
    now: datetime,
) -> Record:
    demand(actor, "publish")
    layer, id = name
    layer_model(layer, layers_of(engine))
    with writing(engine) as connection:
        head = _expected_head(connection, layer, id, expected_revision)
        set_published(connection, head, _newest(connection, layer, id) if action == "publish" else None)
        return _written(connection, actor, action, layer, id, now)


def _written(connection: Connection, actor: User, action: str, layer: str, id: str, now: datetime) -> Record:
    """Log the change and give the record as it now stands."""
    record = fetch_record(connection, layer, id, drafts=True)
    detail = f"revision {record.revision}"
    log(connection, actor=actor.name, action=action, subject=f"{layer}/{id}", detail=detail, now=now)
    return record
