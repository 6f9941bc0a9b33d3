"""Importing a file of features into a layer: all in one transaction, published at once, twice is once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, bindparam, select

from smap.content.access import User, demand
from smap.content.audit import log
from smap.content.database import layers_of, reading, writing
from smap.content.geometry import Fault
from smap.content.ledger import Head, append, find_head, set_published, text_of
from smap.content.model import LAYERS, LayerModel, Layers, layer_model
from smap.content.record import Draft
from smap.content.tables import revisions
from smap.content.validation import check_feature

__all__ = ["ImportReport", "Refusal", "import_features"]

_NEWEST = (
    select(revisions.c.geometry, revisions.c.properties, revisions.c.action)
    .where(revisions.c.record == bindparam("key"))
    .order_by(revisions.c.revision.desc())
    .limit(1)
)
_IMPORTED = _NEWEST.where(revisions.c.action == "imported")

Outcome: TypeAlias = Literal["written", "updated", "published", "skipped", "edited_here"]


@dataclass(frozen=True)
class Refusal:
    """A feature that was not imported: its place in the file from 1, its id if any, and what is wrong."""

    ordinal: int
    id: str
    faults: Sequence[Fault]

    def __str__(self) -> str:
        name = f"feature {self.ordinal}" + (f" ({self.id})" if self.id else "")
        return f"{name}: {'; '.join(fault.line for fault in self.faults)}"


@dataclass
class ImportReport:
    """What an import did; read = written + updated + skipped + all that was refused."""

    read: int = 0
    written: int = 0
    updated: int = 0
    skipped: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def refused(self) -> dict[str, int]:
        """How many features were refused, by the code of their first fault."""
        return dict(sorted(Counter(refusal.faults[0].code for refusal in self.refusals).items()))

    def as_json(self) -> dict[str, Any]:
        """Give the counts by the names that outside checks rely on."""
        counts = {
            "read": self.read,
            "written": self.written,
            "updated": self.updated,
            "skipped": self.skipped,
        }
        return counts | {"refused": self.refused}


@dataclass(frozen=True)
class _Known:
    """What the database says of an id: where it stands, its newest revision, the one imported last."""

    head: Head
    newest: tuple[str, str]
    newest_action: str
    imported: tuple[str, str] | None


def import_features(
    engine: Engine | None,
    actor: User,
    layer: str,
    features: Iterable[object],
    *,
    now: datetime,
    dry_run: bool = False,
    layers: Layers = LAYERS,
    step: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Import features; those with faults are refused and listed, the rest is written and published at once.

    What has not changed since the last import is skipped, also where an editor has changed or deleted the
    record since. What changed on both sides is refused as `edited_here`, unless the feature says that it
    began from the newest revision (`"revision"`, as an export writes it). A dry run only tells what would
    happen; there the engine may be None: no database yet, one that is to have the `layers`.
    `step` hears of each feature. Errors: NotFoundError for an unknown layer; AccessError; StorageError.
    """
    demand(actor, "publish")
    model = layer_model(layer, layers if engine is None else layers_of(engine))
    heard = _told(features, step)
    if dry_run and engine is None:
        return _import(None, actor, model, heard, None)
    assert engine is not None, "only a dry run goes without a database"
    if dry_run:
        with reading(engine) as connection:
            return _import(connection, actor, model, heard, None)
    with writing(engine) as connection:
        report = _import(connection, actor, model, heard, now)
        if report.written or report.updated:
            detail = f"{report.written} written, {report.updated} updated"
            log(connection, actor=actor.name, action="import", subject=layer, detail=detail, now=now)
    return report


def _told(features: Iterable[object], step: Callable[[], None]) -> Iterator[object]:
    for feature in features:
        yield feature
        step()


def _counted(features: Iterable[object], report: ImportReport) -> Iterator[object]:
    """`read` is counted apart from what becomes of each, so that the sum can be checked."""
    for feature in features:
        report.read += 1
        yield feature


def _import(
    connection: Connection | None,
    actor: User,
    model: LayerModel,
    features: Iterable[object],
    now: datetime | None,
) -> ImportReport:
    """Decide for each feature; without a time nothing is written."""
    report = ImportReport()
    for ordinal, feature, draft in _accepted(_counted(features, report), model, report.refusals):
        known = None if connection is None else _known(connection, draft)
        outcome = _outcome(feature, draft, known)
        if outcome == "edited_here":
            line = "it was edited here since the last import: export the layer, change that and import it"
            report.refusals.append(Refusal(ordinal, draft.id, [Fault(outcome, line)]))
            continue
        report.written += outcome == "written"
        report.updated += outcome in {"updated", "published"}
        report.skipped += outcome == "skipped"
        if connection is not None and now is not None:
            _apply(connection, outcome, draft, known, actor, now)
    report.refusals.sort(key=lambda refusal: refusal.ordinal)
    return report


def _accepted(
    features: Iterable[object], model: LayerModel, refusals: list[Refusal]
) -> Iterator[tuple[int, Mapping[str, Any], Draft]]:
    """Give the sound features in their order with their place; the first of a double id is taken."""
    seen: dict[str, int] = {}
    for ordinal, feature in enumerate(features, 1):
        draft, faults = check_feature(feature, model.id, {model.id: model})
        if draft is not None and draft.id in seen:
            faults = [Fault("duplicate_id", f"feature {seen[draft.id]} has the same id")]
        if draft is None or faults or not isinstance(feature, Mapping):
            refusals.append(Refusal(ordinal, _id_of(feature), faults))
            continue
        seen[draft.id] = ordinal
        yield ordinal, feature, draft


def _id_of(feature: object) -> str:
    id = feature.get("id") if isinstance(feature, Mapping) else None
    # as it stands when it can be printed on one line, else with its line breaks spelled out
    return repr(id[:80])[1:-1] if isinstance(id, str) else ""


def _known(connection: Connection, draft: Draft) -> _Known | None:
    head = find_head(connection, draft.layer, draft.id)
    if head is None:
        return None
    newest = connection.execute(_NEWEST, {"key": head.key}).one()
    imported = connection.execute(_IMPORTED, {"key": head.key}).first()
    last = None if imported is None else (imported.geometry, imported.properties)
    return _Known(head, (newest.geometry, newest.properties), newest.action, last)


def _outcome(feature: Mapping[str, Any], draft: Draft, known: _Known | None) -> Outcome:
    if known is None:
        return "written"
    content = (text_of(draft.geometry), text_of(draft.properties))
    if content == known.imported:
        return "skipped"
    if content == known.newest and not known.head.deleted:
        return "skipped" if known.head.published == known.head.revision else "published"
    if known.newest_action == "imported" or feature.get("revision") == known.head.revision:
        return "updated"
    return "edited_here"


def _apply(
    connection: Connection,
    outcome: Outcome,
    draft: Draft,
    known: _Known | None,
    actor: User,
    now: datetime,
) -> None:
    head = None if known is None else known.head
    if outcome in {"written", "updated"}:
        head = append(connection, head, draft, action="imported", author=actor.name, now=now)
    if outcome != "skipped" and head is not None:
        set_published(connection, head, draft)
