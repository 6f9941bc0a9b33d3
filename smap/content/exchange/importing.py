"""Importing features into a layer: all in one transaction, published at once, twice is once, to be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from smap.content.access import User, demand
from smap.content.audit import log
from smap.content.database import layers_of, reading, writing
from smap.content.exchange.incoming import Incoming
from smap.content.exchange.matching import Matcher, completed
from smap.content.exchange.report import ImportReport
from smap.content.exchange.standing import standing
from smap.content.geometry import Fault
from smap.content.ledger import Head, append, find_head, set_published, text_of
from smap.content.model import LAYERS, Layers, layer_model
from smap.content.record import Draft, Record
from smap.content.repository import fetch_record
from smap.content.tables import audit, imported, revisions
from smap.content.validation import check_feature

__all__ = ["MOST_FAULTY", "import_features"]

MOST_FAULTY = 1_000
"""Rows with faults of their own; where there are more it is the mapping or the file that is wrong."""
_MEANT = frozenset({"outside_clip", "duplicate_id", "edited_here", "draft_here", "zero_coordinates"})
"""Codes of rows that are refused though nothing is wrong with the mapping."""

# Statements built once: building one anew costs more than running it
_REVISION = select(revisions.c.geometry, revisions.c.properties, revisions.c.action).where(
    revisions.c.record == bindparam("key"), revisions.c.revision == bindparam("revision")
)
_IMPORTED = (
    select(revisions.c.geometry, revisions.c.properties)
    .where(
        revisions.c.record == bindparam("key"),
        revisions.c.revision <= bindparam("revision"),
        revisions.c.action == "imported",
    )
    .order_by(revisions.c.revision.desc())
    .limit(1)
)
_REMEMBER = insert(imported)

Outcome: TypeAlias = Literal["written", "updated", "published", "skipped", "edited_here", "draft_here"]

_REFUSED: Mapping[Outcome, str] = {
    "edited_here": "it was edited here since the last import: export the layer, change that and import it",
    "draft_here": "the record that it would complete has a draft: publish that first, or give it up",
}


@dataclass(frozen=True)
class _Known:
    """What the database says of an id: where it stands, its newest revision, the one imported last.

    An import that was undone counts as if it had never been: `newest` is then what was restored.
    """

    head: Head
    newest: tuple[str, str] | None
    newest_action: str
    imported: tuple[str, str] | None


@dataclass(frozen=True)
class _Work:
    """What an import runs with; without a connection there is no database, without a number no writing."""

    layer: str
    layers: Layers
    actor: User
    now: datetime
    connection: Connection | None = None
    matcher: Matcher | None = None
    number: int | None = None
    seen: dict[str, int] = field(default_factory=dict)


class _GivenUp(Exception):  # noqa: N818 - it rolls the transaction back and is never seen outside
    pass


def import_features(
    engine: Engine | None,
    actor: User,
    layer: str,
    features: Iterable[object],
    *,
    now: datetime,
    layers: Layers = LAYERS,
    key: Sequence[str] = (),
    match_m: float | None = None,
    most_faulty: int | None = MOST_FAULTY,
    dry_run: bool = False,
    step: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Import features (or `Incoming`); those with faults are refused and listed, the rest is published.

    What has not changed since the last import is skipped, also where an editor has changed or deleted the
    record since. What changed on both sides is refused as `edited_here`, unless the feature says that it
    began from the newest revision (`"revision"`, as an export writes it). A feature with a new id that has
    the `key` of a record, or its name not farther than `match_m` metres from it, completes that record:
    fields that it lacks are added. Where more than `most_faulty` rows have faults nothing is written.

    A dry run only tells what would happen; there the engine may be None: no database yet, its `layers` are
    told. `step` hears of each row. Errors: NotFoundError for an unknown layer; AccessError; StorageError.
    """
    demand(actor, "publish")
    known = layers if engine is None else layers_of(engine)
    layer_model(layer, known)
    report = ImportReport()
    items = _counted(features, report, step)
    base = _Work(layer, known, actor, now)
    if engine is None:
        assert dry_run, "only a dry run goes without a database"
        _settle(base, items, report, most_faulty)
        return report
    try:
        if dry_run:
            with reading(engine) as connection:
                _settle(_at_work(base, connection, key, match_m), items, report, most_faulty)
        else:
            with writing(engine) as connection:
                number = _next_number(connection)
                work = _at_work(base, connection, key, match_m, number)
                _settle(work, items, report, most_faulty)
                _sign(work, report)
    except _GivenUp:
        pass
    return report


def _at_work(
    base: _Work, connection: Connection, key: Sequence[str], match_m: float | None, number: int | None = None
) -> _Work:
    matcher = Matcher(connection, base.layer, key, match_m)
    return _Work(base.layer, base.layers, base.actor, base.now, connection, matcher, number)


def _next_number(connection: Connection) -> int:
    """The line that the import will have in the audit log; nobody else writes meanwhile."""
    return int(connection.execute(select(func.coalesce(func.max(audit.c.number), 0))).scalar_one()) + 1


def _sign(work: _Work, report: ImportReport) -> None:
    assert work.connection is not None, "only a database is signed"
    if report.written or report.updated:
        detail = f"{report.written} written, {report.updated} updated"
        log(
            work.connection,
            actor=work.actor.name,
            action="import",
            subject=work.layer,
            detail=detail,
            now=work.now,
        )
        report.number = work.number


def _counted(
    features: Iterable[object], report: ImportReport, step: Callable[[], None]
) -> Iterator[Incoming]:
    """`read` is counted apart from what becomes of each, so that the sum can be checked."""
    for ordinal, feature in enumerate(features, 1):
        item = feature if isinstance(feature, Incoming) else Incoming(feature, (ordinal,))
        report.read += len(item.ordinals)
        report.mend(item.notes)
        yield item
        step()


def _settle(work: _Work, items: Iterable[Incoming], report: ImportReport, most_faulty: int | None) -> None:
    """Decide for each feature and apply it; without a number nothing is written."""
    for item in items:
        _take(work, item, report)
    report.refusals.sort(key=lambda refusal: refusal.ordinal)
    faulty = sum(count for code, count in report.refused.items() if code not in _MEANT)
    if most_faulty is not None and faulty > most_faulty:
        report.give_up()
        if work.connection is not None:
            raise _GivenUp


def _take(work: _Work, item: Incoming, report: ImportReport) -> None:
    found = _found(work, item)
    feature = item.feature if found is None else completed(found, item.feature)
    draft, faults = _checked(work, item, feature)
    if draft is None or faults or not isinstance(feature, Mapping):
        report.refuse(item, _id_of(item.feature), faults)
        return
    known = None if work.connection is None else _known(work.connection, draft)
    outcome = _outcome(feature, draft, known)
    if found is not None and found.status == "draft" and outcome != "skipped":
        outcome = "skipped" if outcome == "published" else "draft_here"
    if outcome in _REFUSED:
        report.refuse(item, draft.id, [Fault(outcome, _REFUSED[outcome])])
        return
    work.seen[draft.id] = item.ordinals[0]
    rows = len(item.ordinals)
    report.records += 1
    report.completed += found is not None
    report.written += rows * (outcome == "written")
    report.updated += rows * (outcome in {"updated", "published"})
    report.skipped += rows * (outcome == "skipped")
    if work.connection is not None and work.number is not None:
        _apply(work, outcome, draft, known)


def _found(work: _Work, item: Incoming) -> Record | None:
    """The record of another id that a feature speaks of, to be completed by it."""
    feature = item.feature
    if work.connection is None or work.matcher is None or item.fault or not isinstance(feature, Mapping):
        return None
    id = feature.get("id")
    if isinstance(id, str) and find_head(work.connection, work.layer, id) is not None:
        return None
    found = work.matcher.find(feature)
    return None if found is None else fetch_record(work.connection, work.layer, found, drafts=True)


def _checked(work: _Work, item: Incoming, feature: object) -> tuple[Draft | None, list[Fault]]:
    """The draft of a sound feature; the first of a double id is taken."""
    if item.fault is not None:
        return None, [item.fault]
    draft, faults = check_feature(feature, work.layer, work.layers)
    if draft is not None and draft.id in work.seen:
        return None, [Fault("duplicate_id", f"feature {work.seen[draft.id]} has the same id")]
    return draft, faults


def _id_of(feature: object) -> str:
    id = feature.get("id") if isinstance(feature, Mapping) else None
    # as it stands when it can be printed on one line, else with its line breaks spelled out
    return repr(id[:80])[1:-1] if isinstance(id, str) else ""


def _known(connection: Connection, draft: Draft) -> _Known | None:
    head = find_head(connection, draft.layer, draft.id)
    if head is None:
        return None
    revision = standing(connection, head.key, head.revision)
    if revision is None:
        return _Known(head, None, "", None)
    at = {"key": head.key, "revision": revision}
    newest = connection.execute(_REVISION, at).one()
    before = connection.execute(_IMPORTED, at).first()
    last = None if before is None else (before.geometry, before.properties)
    return _Known(head, (newest.geometry, newest.properties), newest.action, last)


def _outcome(feature: Mapping[str, Any], draft: Draft, known: _Known | None) -> Outcome:
    if known is None or known.newest is None:
        return "written"
    content = (text_of(draft.geometry), text_of(draft.properties))
    if content == known.imported:
        return "skipped"
    if content == known.newest and not known.head.deleted:
        return "skipped" if known.head.published == known.head.revision else "published"
    if known.newest_action == "imported" or feature.get("revision") == known.head.revision:
        return "updated"
    return "edited_here"


def _apply(work: _Work, outcome: Outcome, draft: Draft, known: _Known | None) -> None:
    if outcome == "skipped":
        return
    assert work.connection is not None, "only a database is written"
    before = None if known is None else known.head
    head = before
    if outcome in {"written", "updated"}:
        head = append(work.connection, before, draft, action="imported", author=work.actor.name, now=work.now)
    assert head is not None, "what is published is there"
    set_published(work.connection, head, draft)
    row = {
        "number": work.number,
        "record": head.key,
        "revision": head.revision,
        "before": None if before is None else before.revision,
        "published_before": None if before is None else before.published,
    }
    work.connection.execute(_REMEMBER, row)
