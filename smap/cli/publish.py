"""`smap publish`: make builds the current release."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import MissingExtraError

if TYPE_CHECKING:
    from smap.build.linking import Links
    from smap.store.release import Release

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
    release = published.release
    links = _links_of(workspace, release)
    warnings = [*published.warnings, *_link_warnings(links)]
    for warning in warnings:
        print(f"smap publish: warning: {warning}", file=sys.stderr)
    told = [{"name": tileset.name, "version": tileset.version} for tileset in release.tilesets]
    if options.json:
        report = {"release": release.id, "changed": published.changed, "content": release.content}
        report |= {"tilesets": told, "links": _told(links), "warnings": warnings}
        print(json.dumps(report, ensure_ascii=False))
        return 0
    print(f"release {release.id}{'' if published.changed else ' holds already: nothing has changed'}")
    for tileset in told:
        print(f"  {tileset['name']} {tileset['version']}")
    return 0


def _snapshot_of(workspace: Path) -> str | None:
    """The id of a fresh snapshot of the published content; None where the workspace has no content yet."""
    from smap.content.database import content_path, open_database
    from smap.content.declared import read_layers
    from smap.content.snapshot import take_snapshot

    path = content_path(workspace)
    if not path.is_file():
        return None
    engine = open_database(path, layers=read_layers(workspace))
    try:
        return take_snapshot(engine, workspace).id
    finally:
        engine.dispose()


def _links_of(workspace: Path, release: Release) -> Links:
    """What the links of the release's content lead to; its tilesets are read only if there are any."""
    from smap.build.linking import Links, links_of, read_buildings, resolve

    links = links_of(workspace / "content" / release.content) if release.content else []
    if not links:
        return Links(0, (), ())
    archives = [workspace / t.path for t in release.tilesets if t.kind in ("buildings", "models")]
    try:
        return resolve(links, read_buildings(archives))
    except ImportError as error:
        raise MissingExtraError("the check of the links between content and buildings", "build") from error


def _link_warnings(links: Links) -> Iterator[str]:
    for link, now in links.found:
        yield (
            f"{link.record}: its building {link.smap_id} is not in this release; at its place stands {now}: "
            "put that into the field building"
        )
    for link in links.broken:
        yield (
            f"{link.record}: its building {link.smap_id} is not in this release, nor one of its area at its "
            "place: click the right one in the viewer and put its smap_id into the field building"
        )


def _told(links: Links) -> dict[str, Any]:
    return {
        "kept": links.kept,
        "found": [{"record": link.record, "was": link.smap_id, "is": now} for link, now in links.found],
        "broken": [{"record": link.record, "was": link.smap_id} for link in links.broken],
    }
