"""`smap export`: write the current release as a plain folder."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from smap.cli.workspace import add_workspace, workspace_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap export`."""
    parser.add_argument("out", type=Path, metavar="DIR", help="a new or empty folder")
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")
    add_workspace(parser)


def run(options: argparse.Namespace) -> int:
    """Export; 0 done."""
    from smap.cli.progress import BarProgress
    from smap.store.export import export_release

    with BarProgress() as progress:
        progress.start("export", None)
        exported = export_release(workspace_of(options), options.out, step=progress.step)
    if options.json:
        print(json.dumps({**asdict(exported), "out": str(options.out)}, ensure_ascii=False))
    else:
        size = exported.bytes / 1e6
        print(f"release {exported.release}: {exported.files} files, {size:.1f} MB → {options.out}")
    return 0
