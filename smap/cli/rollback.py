"""`smap rollback`: go back to the release before."""

from __future__ import annotations

import argparse
import json

from smap.cli.workspace import add_workspace, workspace_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap rollback`."""
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")
    add_workspace(parser)


def run(options: argparse.Namespace) -> int:
    """Make the release before the current one current; 0 done."""
    from smap.store.release import rollback

    release = rollback(workspace_of(options))
    if options.json:
        told = [{"name": tileset.name, "version": tileset.version} for tileset in release.tilesets]
        print(json.dumps({"release": release.id, "content": release.content, "tilesets": told}))
    else:
        print(f"release {release.id} is current again")
    return 0
