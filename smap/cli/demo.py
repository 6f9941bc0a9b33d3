"""`smap demo`: the commands that anyone can type, in order, on the sample city or on one's own files."""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from smap import __version__
from smap.cli.workspace import add_workspace, workspace_of
from smap.errors import MissingExtraError, UsageError
from smap.store.shipped import shipped_folder

__all__ = ["add_arguments", "run"]

LAYERS = ("heritage", "tourism", "wall", "alleys")
USUAL_PORT = 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap demo`."""
    add_workspace(parser)
    parser.add_argument(
        "--port", type=int, help=f"port of the viewer (default: {USUAL_PORT}, else a free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--build-only", action="store_true", help="build and publish, do not serve")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR-or-FILE",
        help="your own building footprints and elevation instead of the sample",
    )


def run(options: argparse.Namespace) -> int:
    """Build what is not built yet, then serve it."""
    workspace = workspace_of(options)
    key = _key(options.data)
    if not _is_built(workspace, key):
        if find_spec("pyogrio") is None or find_spec("rasterio") is None:
            raise MissingExtraError("smap demo", "build")
        _keep_off_a_real_city(workspace)
        for words in _building_steps(options.data, workspace):
            if code := _step(words, workspace):
                return code
        (workspace / "demo.key").write_text(key, encoding="utf-8")
    if options.build_only:
        return 0
    port = options.port if options.port is not None else _free_port()
    if not options.no_browser:
        threading.Thread(target=_open_when_ready, args=(port,), daemon=True).start()
    return _step(["serve", "--port", str(port)], workspace)


def _step(words: list[str], workspace: Path) -> int:
    from smap.cli.main import main

    print(f"smap {' '.join(words)}", file=sys.stderr)
    return main([*words, "--workspace", str(workspace)])


def _building_steps(data: Path | None, workspace: Path) -> Iterator[list[str]]:
    """The commands, in order; each is made when the one before has run."""
    recipes = _sample_recipes(workspace) if data is None else _own_recipes(data, workspace)
    yield ["build", *map(str, recipes)]
    yield ["publish"]
    for layer in LAYERS:
        yield ["content", "import", str(_records(layer, data, workspace)), "--layer", layer]


def _records(layer: str, data: Path | None, workspace: Path) -> Path:
    """The file of a layer: the curated one, but on the sample's ground the wall that was drawn over it."""
    drawn = workspace / "sample" / "wall.geojson"
    return drawn if layer == "wall" and data is None else shipped_folder("content") / f"{layer}.geojson"


def _sample_recipes(workspace: Path) -> list[Path]:
    from smap.build.executors import keep_one_thread, make_executor

    keep_one_thread()
    facts, content = shipped_folder("tiles") / "sample", shipped_folder("content")
    with closing(make_executor(None, ["smap.sample.whole"])) as executor:
        from smap.sample.whole import write_whole

        return write_whole(facts, content, workspace / "sample", executor.map)


def _own_recipes(data: Path, workspace: Path) -> list[Path]:
    from smap.sources.drafts import recipes_for

    if not data.exists():
        raise UsageError(f"--data {data}: there is no such file or folder")
    return recipes_for(data, workspace / "own")


def _key(data: Path | None) -> str:
    """What the demo was built from: the version, and the state of every file that it reads."""
    told = hashlib.sha256(__version__.encode())
    for path in _files_of(data):
        state = path.stat()
        told.update(f"{path.name} {state.st_size} ".encode())
        told.update(path.read_bytes() if data is None else str(state.st_mtime_ns).encode())
    return told.hexdigest()


def _files_of(data: Path | None) -> list[Path]:
    if data is None:
        content = shipped_folder("content").glob("*.geojson")
        generator = (Path(__file__).resolve().parent.parent / "sample").rglob("*.py")
        facts = (p for p in (shipped_folder("tiles") / "sample").rglob("*") if p.is_file())
        return sorted([*facts, *content, *generator])
    return sorted(p for p in data.rglob("*") if p.is_file()) if data.is_dir() else [data][: data.is_file()]


def _is_built(workspace: Path, key: str) -> bool:
    stamp = workspace / "demo.key"
    published = (workspace / "current").exists()
    return published and stamp.exists() and stamp.read_text(encoding="utf-8") == key


def _keep_off_a_real_city(workspace: Path) -> None:
    if (workspace / "current").exists() and not (workspace / "demo.key").exists():
        raise UsageError(
            f"the workspace {workspace} holds a published city that no demo made: "
            "see it with  smap serve,  or give the demo a folder of its own with  --workspace DIR"
        )


def _free_port() -> int:
    """The usual port, else any that is free."""
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UsageError("no port of 127.0.0.1 is free: name one with --port")


def _open_when_ready(port: int) -> None:
    """Open the browser once the server answers; on a machine without a screen there is nothing to open."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return
    address = f"http://127.0.0.1:{port}/"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}healthz", timeout=1).close()  # noqa: S310 (our own address)
        except OSError:
            time.sleep(0.1)
        else:
            webbrowser.open(address)
            return
