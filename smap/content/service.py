"""Changing records: each call is one durable transaction with a new revision and a line in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from smap.content.access import User
from smap.content.record import Record

__all__ = ["create_record", "delete_record", "publish_record", "save_record", "unpublish_record"]


def create_record(
    engine: Engine, actor: User, layer: str, feature: Mapping[str, Any], *, now: datetime
) -> Record:
    """Write a new record as a draft, revision 1; `feature` is a GeoJSON feature.

    Without an "id" one is made of its English name. Errors: ValidationError with every fault; ConflictError
    where the id is taken; NotFoundError for an unknown layer; AccessError.
    """
    raise NotImplementedError


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

    Errors: ConflictError where the newest revision is not `expected_revision`; ValidationError with every
    fault; NotFoundError; AccessError.
    """
    raise NotImplementedError


def publish_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> Record:
    """Make the newest revision what the public sees. Errors: ConflictError, NotFoundError, AccessError."""
    raise NotImplementedError


def unpublish_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> Record:
    """Take a record from the public; revisions stay. Errors: ConflictError, NotFoundError, AccessError."""
    raise NotImplementedError


def delete_record(
    engine: Engine, actor: User, layer: str, id: str, *, expected_revision: int, now: datetime
) -> None:
    """Take a record from every list; its history stays. Errors: ConflictError, NotFoundError, AccessError."""
    raise NotImplementedError
