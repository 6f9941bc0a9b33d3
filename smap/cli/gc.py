"""`smap gc`: clear what no kept release needs."""

from __future__ import annotations

import argparse
import json

from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import UsageError

__all__ = ["add_arguments", "run"]

KEPT_RELEASES = 3  # the current one and two to roll back to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap gc`."""
    parser.add_argument(
        "--keep",
        type=int,
        default=KEPT_RELEASES,
        metavar="N",
        help=f"releases to keep, the current one included (default: {KEPT_RELEASES})",
    )
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")
    add_workspace(parser)


def run(options: argparse.Namespace) -> int:
    """Clear; 0 done."""
    from smap.store.clear import clear_workspace

    if options.keep < 1:
        raise UsageError(f"--keep {options.keep}: at least the current release is kept; say 1 or more")
    workspace = workspace_of(options)
    if not workspace.is_dir():
        raise UsageError(f"--workspace {workspace}: no such folder")
    cleared = clear_workspace(workspace, keep=options.keep)
    if options.json:
        print(json.dumps({"removed": cleared.removed, "bytes": cleared.bytes}, ensure_ascii=False))
        return 0
    for path in cleared.removed:
        print(f"removed {path}")
    print(f"{len(cleared.removed)} removed, {cleared.bytes / 1e6:.1f} MB")
    return 0
