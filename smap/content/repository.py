"""Reading records: by layer, by box, by id. Every call is blocking: run it in a thread."""

from __future__ import annotations

from sqlalchemy import Engine

from smap.content.record import Bbox, LayerInfo, Page, Record, Revision

__all__ = ["get_record", "history", "layers", "list_records"]


def layers(engine: Engine) -> list[LayerInfo]:
    """Give every layer in its fixed order, with the count and extent of what is published."""
    raise NotImplementedError


def list_records(
    engine: Engine,
    layer: str,
    *,
    bbox: Bbox | None = None,
    limit: int = 10,
    offset: int = 0,
    drafts: bool = False,
) -> Page:
    """Give a page of a layer in the order of the ids.

    `bbox` keeps the records whose geometry meets the box, edges included. `drafts`: the newest revision of
    every record instead of the last published one. Errors: NotFoundError for an unknown layer.
    """
    raise NotImplementedError


def get_record(engine: Engine, layer: str, id: str, *, drafts: bool = False) -> Record:
    """Give one record: its last published revision, or with `drafts` its newest. Errors: NotFoundError."""
    raise NotImplementedError


def history(engine: Engine, layer: str, id: str) -> list[Revision]:
    """Give every revision of a record, newest first; also of a deleted one. Errors: NotFoundError."""
    raise NotImplementedError
