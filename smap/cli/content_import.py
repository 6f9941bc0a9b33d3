"""`smap content import | undo | fetch`: what comes into the content, and how it is taken back."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from smap.cli.workspace import workspace_of
from smap.errors import UsageError
from smap.store.shipped import shipped_folder

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from smap.content.exchange.mapping import FieldMapping
    from smap.content.exchange.report import ImportReport
    from smap.content.exchange.row import Row
    from smap.content.model import LayerModel, Layers

__all__ = ["add_fetch", "add_import", "add_undo", "fetch", "import_file", "undo"]

LAYER_HELP = "heritage, tourism, wall, alleys or one declared"
_Features = Callable[[], Iterable[object]]


def add_import(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `smap content import`."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="GeoJSON in our form, or what the mapping says"
    )
    _shared_options(parser)


def add_fetch(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `smap content fetch`."""
    from smap.content.exchange.services import SERVICES

    parser.add_argument("service", choices=tuple(SERVICES), help="whose open API")
    _shared_options(parser)
    parser.add_argument("--dataset", default="", metavar="NAME", help="of data.seoul.go.kr: TbPublicWifiInfo")
    parser.add_argument("--details", action="store_true", help="of khs: ask for each item's detail too")
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the request"
    )
    parser.add_argument("--base-url", metavar="URL", help="where the service is, else $SMAP_<SERVICE>_URL")
    parser.add_argument("--per-second", type=float, default=5.0, metavar="N", help="requests at most (5)")


def add_undo(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `smap content undo`."""
    parser.add_argument("number", type=int, metavar="IMPORT", help="its number, as told by it and the audit")
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")


def import_file(options: argparse.Namespace) -> int:
    """Read a file into a layer; 1 where features were refused."""
    from smap.content.exchange.geojson import read_geojson
    from smap.content.exchange.mapped import mapped_features
    from smap.content.exchange.reading import crs_of, read_rows

    layers = _layers(options)
    model = _model(options, layers)
    if options.mapping is None:
        return _import(options, layers, lambda: read_geojson(options.file), None)
    mapping = _mapping(options.mapping)

    def features() -> Iterable[object]:
        crs = crs_of(options.file, mapping)
        rows = read_rows(options.file, mapping)
        return mapped_features(rows, mapping, model, crs=crs, where=str(options.file))

    return _import(options, layers, features, mapping)


def fetch(options: argparse.Namespace) -> int:
    """Ask an open API for all it has and read that into a layer; 1 where features were refused."""
    from smap.content.exchange.mapped import mapped_features

    layers = _layers(options)
    model = _model(options, layers)
    mapping = _mapping(options.mapping or Path(_usual_mapping(options)))
    with TemporaryFile("w+", encoding="utf-8") as kept:
        # gathered before the database is locked: the service may take minutes, editors wait 30 s
        for row in _fetched(options):
            kept.write(json.dumps(dict(row.fields)) + "\n")

        def features() -> Iterable[object]:
            return mapped_features(_kept_rows(kept), mapping, model, where=options.service)

        return _import(options, layers, features, mapping)


def undo(options: argparse.Namespace) -> int:
    """Take an import back; 1 where records were changed since and stay."""
    from smap.content.access import User
    from smap.content.database import content_path, open_database
    from smap.content.exchange.undoing import undo_import

    engine = open_database(content_path(workspace_of(options)), layers=_layers(options))
    actor = User("command-line", "admin")
    report = undo_import(engine, actor, options.number, now=datetime.now(UTC))
    for id in report.changed_since[:20]:
        print(f"{report.layer}/{id} was changed since: it stays as it is", file=sys.stderr)
    if len(report.changed_since) > 20:
        print(f"… and {len(report.changed_since) - 20} more", file=sys.stderr)
    sentence = f"import {report.number}: {report.restored} restored, {report.removed} removed"
    left = f", {len(report.changed_since)} changed since" if report.changed_since else ""
    print(json.dumps(report.as_json(), ensure_ascii=False) if options.json else sentence + left)
    return 1 if report.changed_since else 0


def _shared_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layer", required=True, metavar="L", help=LAYER_HELP)
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="M.toml",
        help="how another file's fields become ours: a file, or the name of one that comes with S-Map",
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, change nothing")
    parser.add_argument(
        "--despite-faults", action="store_true", help="write what is sound though over 1,000 rows are not"
    )
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")


def _layers(options: argparse.Namespace) -> Layers:
    from smap.content.declared import read_layers

    return read_layers(workspace_of(options))


def _model(options: argparse.Namespace, layers: Layers) -> LayerModel:
    from smap.content.model import layer_model

    return layer_model(options.layer, layers)


def _mapping(path: Path) -> FieldMapping:
    """The file of that name, else the one that comes with S-Map."""
    from smap.content.exchange.mapping import read_mapping

    if path.is_file():
        return read_mapping(path)
    folder = shipped_folder("content") / "mappings"
    shipped = folder / f"{path.name.removesuffix('.toml')}.toml"
    if path.parent == Path() and shipped.is_file():
        return read_mapping(shipped)
    known = ", ".join(sorted(found.stem for found in folder.glob("*.toml")))
    raise UsageError(f"there is no mapping {path}; those that come with S-Map are {known}")


def _usual_mapping(options: argparse.Namespace) -> str:
    usual = {"khs": "khs", "tour": "tourapi"}
    if options.service in usual:
        return usual[options.service]
    raise UsageError("each set of data.seoul.go.kr has its own fields: give --mapping")


def _fetched(options: argparse.Namespace) -> Iterator[Row]:
    from smap.cli.progress import BarProgress
    from smap.content.exchange.fetching import Client
    from smap.content.exchange.services import SERVICES, fetch_rows

    service = SERVICES[options.service]
    key = os.environ.get(service.key_variable, "") if service.key_variable else ""
    if service.key_variable and not key:
        raise UsageError(f"{service.title} needs a key: set {service.key_variable} to yours")
    if not options.per_second > 0:
        raise UsageError(f"--per-second {options.per_second:g} must be more than 0")
    base = options.base_url or os.environ.get(f"SMAP_{options.service.upper()}_URL") or service.base
    client = Client(base, secret=key, per_second=options.per_second)
    with BarProgress() as progress:
        progress.start(options.service, None)
        rows = fetch_rows(
            options.service,
            client,
            key=key,
            parameters=_parameters(options.param),
            dataset=options.dataset,
            details=options.details,
        )
        for row in rows:
            progress.step()
            yield row


def _parameters(given: list[str]) -> Mapping[str, str]:
    split = [one.partition("=") for one in given]
    wrong = next((name for name, sign, _ in split if not (sign and name)), None)
    if wrong is not None:
        raise UsageError(f"--param {wrong[:40]!r} is none: give NAME=VALUE")
    return {name: value for name, _, value in split}


def _kept_rows(kept: IO[str]) -> Iterator[Row]:
    from smap.content.exchange.row import Row

    kept.seek(0)
    for line in kept:
        yield Row(json.loads(line))


def _import(
    options: argparse.Namespace, layers: Layers, features: _Features, mapping: FieldMapping | None
) -> int:
    from smap.content.database import content_path, open_database

    path = content_path(workspace_of(options))
    if not path.is_file():
        # a first import that writes nothing makes no database either
        report = _run(options, layers, features, mapping, engine=None)
        if options.dry_run or not report.written:
            return _tell(options, report)
    engine = open_database(path, create=not options.dry_run, layers=layers)
    return _tell(options, _run(options, layers, features, mapping, engine=engine))


def _run(
    options: argparse.Namespace,
    layers: Layers,
    features: _Features,
    mapping: FieldMapping | None,
    *,
    engine: Engine | None,
) -> ImportReport:
    from smap.cli.progress import BarProgress
    from smap.content.access import User
    from smap.content.exchange.importing import MOST_FAULTY, import_features

    with BarProgress() as progress:
        progress.start("content", None)
        return import_features(
            engine,
            User("command-line", "admin"),
            options.layer,
            features(),
            now=datetime.now(UTC),
            layers=layers,
            key=mapping.key if mapping else (),
            match_m=mapping.match_m if mapping else None,
            most_faulty=None if options.despite_faults else MOST_FAULTY,
            dry_run=options.dry_run or engine is None,
            step=progress.step,
        )


def _tell(options: argparse.Namespace, report: ImportReport) -> int:
    """The first of each kind of fault with their number, then the counts."""
    where = options.file if options.content_verb == "import" else options.service
    for refusal in report.refusals:
        print(f"{where}: {refusal}", file=sys.stderr)
    kept = {code: sum(r.faults[0].code == code for r in report.refusals) for code in report.refused}
    for code, count in report.refused.items():
        if count > kept[code] and code != "not_written":
            print(f"{where}: … {count} in all: {code}", file=sys.stderr)
    if "not_written" in report.refused:
        print(
            f"{where}: nothing was written: mend the file or the mapping, or say --despite-faults",
            file=sys.stderr,
        )
    counts = report.as_json()
    print(json.dumps(counts, ensure_ascii=False) if options.json else _sentence(counts))
    return 1 if report.refused else 0


def _sentence(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items() if value not in ({}, None))
