"""`smap serve` in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["serving"]


@contextmanager
def serving(workspace: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`smap serve` on a free port; gives its address and process, and ends it in the end."""
    command = [
        sys.executable,
        "-m",
        "smap.cli.main",
        "serve",
        "--workspace",
        str(workspace),
        "--port",
        "0",
        *options,
    ]
    with (workspace / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("S-Map is at http://127.0.0.1:"), (workspace / "serve.log").read_text()
            yield line.split()[-1], process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            if process.stdout is not None:
                process.stdout.close()
