"""`smap publish`: make builds the current release."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from smap.cli.workspace import add_workspace, workspace_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap publish`."""
    parser.add_argument(
        "builds",
        nargs="*",
        metavar="NAME[@VERSION]|DIR",
        help="what to publish (default: the newest build of every name in the workspace)",
    )
    parser.add_argument(
        "--allow-stale", action="store_true", help="also with tilesets that stand on an older terrain"
    )
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")
    add_workspace(parser)


def run(options: argparse.Namespace) -> int:
    """Publish; 0 done."""
    from smap.store.publish import publish

    workspace = workspace_of(options)
    published = publish(
        workspace, options.builds, content=_snapshot_of(workspace), allow_stale=options.allow_stale
    )
    for warning in published.warnings:
        print(f"smap publish: warning: {warning}", file=sys.stderr)
    release = published.release
    told = [{"name": tileset.name, "version": tileset.version} for tileset in release.tilesets]
    if options.json:
        report = {"release": release.id, "changed": published.changed, "content": release.content}
        print(json.dumps(report | {"tilesets": told, "warnings": published.warnings}, ensure_ascii=False))
        return 0
    print(f"release {release.id}{'' if published.changed else ' holds already: nothing has changed'}")
    for tileset in told:
        print(f"  {tileset['name']} {tileset['version']}")
    return 0


def _snapshot_of(workspace: Path) -> str | None:
    """The id of a fresh snapshot of the published content; None where the workspace has no content yet."""
    from smap.content.database import content_path, open_database
    from smap.content.snapshot import take_snapshot

    path = content_path(workspace)
    if not path.is_file():
        return None
    engine = open_database(path)
    try:
        return take_snapshot(engine, workspace).id
    finally:
        engine.dispose()
