"""`smap serve`: stream the city to browsers. It shows what a workspace holds and never fills one."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress

from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import UsageError
from smap.settings import Settings, help_of, read_settings, variable_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb; what is not given comes from the environment (SMAP_HOST, SMAP_PORT, …)."""
    add_workspace(parser)
    parser.add_argument(
        "--host", metavar="H", help=f"{help_of('host')} (default: $SMAP_HOST, else 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help=f"{help_of('port')} (default: $SMAP_PORT, else 8000)"
    )
    parser.add_argument("--workers", type=int, metavar="N", help=f"{help_of('workers')} (default: 1)")
    told = (
        f"{variable_of(name)} ({help_of(name)})" for name in ("allowed_hosts", "trusted_proxies", "grace_s")
    )
    parser.epilog = f"From the environment alone: {'; '.join(told)}."


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM, which are the ways to end it: 0."""
    from smap.server.main import serve

    settings = read_settings(
        workspace=workspace_of(args), host=args.host, port=args.port, workers=args.workers
    )
    if os.path.lexists(settings.workspace) and not settings.workspace.is_dir():
        raise UsageError(f"the workspace {settings.workspace} is no folder")
    with suppress(KeyboardInterrupt):
        serve(settings, announce=lambda address: _announce(settings, address))
    return 0


def _announce(settings: Settings, address: str) -> None:
    print(f"S-Map is at {address}", flush=True)
    if not os.path.lexists(settings.workspace / "current"):
        print(
            f"The workspace {settings.workspace} has no release yet. `smap demo` fills one with the sample "
            "city; your own: smap build RECIPE.toml, smap publish, smap content import FILE --layer LAYER.",
            file=sys.stderr,
            flush=True,
        )
