"""`smap content …`: import, fetch, undo, export, publish, backup, reindex, audit."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from smap.cli.content_import import LAYER_HELP, add_fetch, add_import, add_undo, fetch, import_file, undo
from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import InputError, StorageError

if TYPE_CHECKING:
    from smap.content.model import LayerModel
    from smap.content.record import Record

__all__ = ["add_arguments", "run"]

_Format = Literal["geojson", "csv", "gpkg", "kml"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the sub-verbs and their options."""
    verbs = parser.add_subparsers(dest="content_verb", metavar="VERB", required=True)
    add_import(verbs.add_parser("import", help="read a file into a layer and publish it"))
    add_fetch(verbs.add_parser("fetch", help="ask an open API for a layer's records and publish them"))
    add_undo(verbs.add_parser("undo", help="take an import back"))
    _export_arguments(verbs.add_parser("export", help="write a layer to a file or to stdout"))
    publish = verbs.add_parser("publish", help="freeze what is published into a snapshot for the tiles")
    backup = verbs.add_parser("backup", help="write a consistent copy of the content database")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file")
    verbs.add_parser("reindex", help="make the search index anew from the records")
    audit = verbs.add_parser("audit", help="show who changed what, and check that no line was altered")
    for verb in verbs.choices.values():
        add_workspace(verb)
    for verb in (publish, audit):
        verb.add_argument("--json", action="store_true", help="end stdout with one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run one sub-verb; 0 done, 1 some features were refused or the audit log was altered."""
    verbs: dict[str, Callable[[argparse.Namespace], int]] = {
        "import": import_file,
        "fetch": fetch,
        "undo": undo,
        "export": _export,
        "publish": _publish,
        "backup": _backup,
        "reindex": _reindex,
        "audit": _audit,
    }
    return verbs[options.content_verb](options)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: stdout")
    parser.add_argument("--layer", required=True, metavar="L", help=LAYER_HELP)
    parser.add_argument("--format", choices=get_args(_Format), default="geojson")
    parser.add_argument("--drafts", action="store_true", help="the newest revisions, not the published ones")


def _export(options: argparse.Namespace) -> int:
    from smap.content.database import content_path, open_database
    from smap.content.declared import read_layers
    from smap.content.repository import list_records

    workspace = workspace_of(options)
    layers = read_layers(workspace)
    engine = open_database(content_path(workspace), layers=layers)
    records = list_records(engine, options.layer, limit=None, drafts=options.drafts).records
    body = _written(records, layers[options.layer], options.format)
    if options.file is None:
        _put_out(body)
        return 0
    _keep(options.file, body)
    print(f"{len(records)} records of {options.layer} → {options.file}")
    return 0


def _put_out(body: bytes) -> None:
    try:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write to stdout: {error.strerror}") from error


def _keep(file: Path, body: bytes) -> None:
    """Write a file whole or not at all; a device or a pipe just gets the bytes."""
    from smap.store.release import replace_file

    if file.exists() and not file.is_file():
        try:
            file.write_bytes(body)
        except OSError as error:
            raise StorageError(f"cannot write {file}: {error.strerror}") from error
    else:
        replace_file(file.resolve(), body)


def _written(records: Sequence[Record], model: LayerModel, form: _Format) -> bytes:
    from smap.content.exchange.geojson import geojson_of
    from smap.content.exchange.table import csv_of
    from smap.content.exchange.vector import vector_of

    if form == "gpkg" or form == "kml":
        return vector_of(records, model.id, form, model.fields)
    return csv_of(records, model.fields) if form == "csv" else geojson_of(records, revisions=True)


def _publish(options: argparse.Namespace) -> int:
    from smap.content.database import content_path, open_database
    from smap.content.declared import read_layers
    from smap.content.snapshot import take_snapshot

    workspace = workspace_of(options)
    layers = read_layers(workspace)
    snapshot = take_snapshot(open_database(content_path(workspace), layers=layers), workspace)
    report = {"content": snapshot.id, "layers": snapshot.counts, "out": str(snapshot.folder)}
    _tell(
        options, report, f"content {snapshot.id}: {sum(snapshot.counts.values())} records → {snapshot.folder}"
    )
    return 0


def _backup(options: argparse.Namespace) -> int:
    from smap.content.database import back_up, content_path, open_database

    if not options.file.parent.is_dir():
        raise InputError(f"there is no folder {options.file.parent} for the backup: make it first")
    back_up(open_database(content_path(workspace_of(options))), options.file)
    print(f"the content was copied to {options.file}")
    return 0


def _reindex(options: argparse.Namespace) -> int:
    from smap.content.database import content_path, open_database, writing
    from smap.content.search.index import rebuild

    with writing(open_database(content_path(workspace_of(options)))) as connection:
        rebuild(connection)
    print("the search index was made anew")
    return 0


def _audit(options: argparse.Namespace) -> int:
    from smap.content.audit import audit_log, first_broken
    from smap.content.database import content_path, open_database

    lines = audit_log(open_database(content_path(workspace_of(options))))
    broken = first_broken(lines)
    if not options.json:
        for line in lines:
            print(line.number, line.at, line.actor, line.action, line.subject, line.detail, sep="\t")
    if broken is not None:
        print(
            f"the audit log was altered: line {broken.number} does not follow from the lines before",
            file=sys.stderr,
        )
    head = lines[-1].digest if lines else None
    report = {"lines": len(lines), "head": head, "altered_at": broken.number if broken else None}
    _tell(options, report, f"{len(lines)} lines, head {head}")
    return 1 if broken else 0


def _tell(options: argparse.Namespace, report: Mapping[str, object], sentence: str) -> None:
    print(json.dumps(report, ensure_ascii=False) if options.json else sentence)
