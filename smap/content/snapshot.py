"""Freezing what is published into plain files, named by their content."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from smap.content.database import layers_of, reading
from smap.content.exchange.geojson import geojson_of
from smap.content.repository import fetch_page
from smap.content.schema import json_schema
from smap.errors import StorageError

__all__ = ["Snapshot", "take_snapshot"]


@dataclass(frozen=True)
class Snapshot:
    """A frozen state of the published content: its id, where it lies, how many records each layer has."""

    id: str
    folder: Path
    counts: dict[str, int]


def take_snapshot(engine: Engine, workspace: Path) -> Snapshot:
    """Write WORKSPACE/content/<id>/{layer}.geojson and {layer}.schema.json; the same content, the same id.

    The id is the first 12 hexadecimal digits of a SHA-256 over the files. A folder that is there already is
    left as it is. Errors: StorageError.
    """
    files, counts = _files(engine)
    id = _id_of(files)
    folder = workspace / "content" / id
    if not folder.is_dir():
        try:
            _write(folder, files)
        except OSError as error:
            raise StorageError(f"cannot write the snapshot {folder}: {error.strerror}") from error
    return Snapshot(id, folder, counts)


def _files(engine: Engine) -> tuple[dict[str, bytes], dict[str, int]]:
    files, counts = {}, {}
    layers = layers_of(engine)
    with reading(engine) as connection:
        pages = {layer: fetch_page(connection, layer) for layer in layers}
    for layer, page in pages.items():
        schema = json.dumps(json_schema(layers[layer]), ensure_ascii=False, indent=1)
        files[f"{layer}.geojson"] = geojson_of(page.records)
        files[f"{layer}.schema.json"] = f"{schema}\n".encode()
        counts[layer] = page.matched
    return files, counts


def _id_of(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, body in sorted(files.items()):
        digest.update(f"{name} {len(body)}\n".encode() + body)
    return digest.hexdigest()[:12]


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write beside and rename last, so that a snapshot is whole or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        for name, body in files.items():
            with (beside / name).open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        beside.chmod(0o755)
        beside.rename(folder)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        if not folder.is_dir():
            raise
