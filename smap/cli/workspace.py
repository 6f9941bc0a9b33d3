"""Where the work lies: `--workspace DIR`, else $SMAP_WORKSPACE, else ./var."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

__all__ = ["add_workspace", "workspace_of"]


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Give a verb the option `--workspace`."""
    parser.add_argument(
        "--workspace",
        type=Path,
        default=None,
        metavar="DIR",
        help="folder of builds, releases and content (default: $SMAP_WORKSPACE, else ./var)",
    )


def workspace_of(options: argparse.Namespace) -> Path:
    """The workspace that a verb's options name."""
    chosen: Path | None = options.workspace
    return chosen if chosen is not None else Path(os.environ.get("SMAP_WORKSPACE", "var"))
