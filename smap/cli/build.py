"""`smap build RECIPE.toml`: turn a recipe into tiles."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from smap.cli.progress import BarProgress
from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from smap.build.report import BuildReport

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap build`."""
    add_workspace(parser)
    parser.add_argument(
        "recipe", type=Path, nargs="+", metavar="RECIPE.toml", help="what to build, from which sources"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where to, for one recipe (default: WORKSPACE/builds/NAME/VERSION)",
    )
    parser.add_argument(
        "--jobs", type=_count, metavar="N", help="how many processes (default: one for each core)"
    )
    parser.add_argument(
        "--cluster",
        metavar="URL",
        help="work on a Dask cluster: tls://HOST:PORT of its scheduler, or tcp:// on this machine",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="also into a folder that is not empty; nothing kept is used, its terrain built anew",
    )
    parser.add_argument(
        "--json", action="store_true", help="tell the report as one JSON object, a line for each recipe"
    )


def run(options: argparse.Namespace) -> int:
    """Build; 0 when it is done. Warnings and progress go to stderr, the report to stdout."""
    with _stopped_by(signal.SIGINT, signal.SIGTERM):
        return _build(options)


def _build(options: argparse.Namespace) -> int:
    from smap.build.executors import keep_one_thread

    keep_one_thread()
    try:
        from smap.build.pipeline import build, build_all
    except ModuleNotFoundError as error:
        raise MissingExtraError("smap build", "build") from error
    if options.out and len(options.recipe) > 1:
        raise UsageError(f"--out {options.out} takes one recipe, and {len(options.recipe)} are given")
    if options.cluster and options.jobs:
        raise UsageError("--jobs counts processes of this machine, --cluster has its own: give one of them")
    how = {"jobs": options.jobs, "cluster": options.cluster, "force": options.force}
    workspace = workspace_of(options)
    with BarProgress() as progress:
        if options.out:
            (path,) = options.recipe
            _tell(build(path, workspace=workspace, out=options.out, progress=progress, **how), options)
            return 0
        for report in build_all(options.recipe, workspace=workspace, progress=progress, **how):
            _tell(report, options)
    return 0


def _tell(report: BuildReport, options: argparse.Namespace) -> None:
    from smap.build.report import as_text

    for warning in report.warnings:
        print(f"smap build: warning: {warning}", file=sys.stderr)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False), flush=True)
    else:
        facts = report.in_short()
        del facts["warnings"]  # they stand on stderr already
        page = Path(report.out) / "report.html"
        print(as_text({**facts, **({"report": page} if page.exists() else {})}), end="", flush=True)


class _StoppedError(KeyboardInterrupt):
    """Python ends itself by SIGINT after a plain KeyboardInterrupt that met an import, even a handled one."""


@contextmanager
def _stopped_by(*signals: signal.Signals) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _StoppedError

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count of processes: give 1 or more")
    return int(text)
