"""Facts of folders of tiles."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from smap.errors import StorageError
from smap.store import ArchiveReader, FolderReader, open_tiles, write_archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiles = tmp_path / "tiles"
    (tiles / "0").mkdir(parents=True)
    (tiles / "tileset.json").write_bytes(b"{}")
    (tiles / "0" / "0.terrain").write_bytes(gzip.compress(b"mesh", mtime=0))
    (tmp_path / "secret.json").write_bytes(b"{}")
    return tiles


def test_a_file_is_a_tile_under_its_path(folder: Path) -> None:
    with FolderReader(folder) as reader:
        assert list(reader.names()) == ["0/0.terrain", "tileset.json"]
        tile = reader.get("tileset.json")
    assert tile is not None
    assert (tile.body, tile.encoding, tile.size) == (b"{}", None, 2)


def test_a_gzip_file_is_offered_as_content_encoding(folder: Path) -> None:
    tile = FolderReader(folder).get("0/0.terrain")
    assert tile is not None
    assert (tile.encoding, tile.identity(), tile.size) == ("gzip", b"mesh", 4)
    assert tile.media_type == "application/vnd.quantized-mesh"


@pytest.mark.parametrize("path", ["../secret.json", "/etc/passwd", "0", "", "./tileset.json"])
def test_no_path_leads_out_of_the_folder(folder: Path, path: str) -> None:
    assert FolderReader(folder).get(path) is None


def test_an_etag_is_the_same_in_a_folder_and_in_an_archive(folder: Path) -> None:
    write_archive(folder / "a.3tz", [("tileset.json", b"{}")])
    inside, beside = (
        ArchiveReader(folder / "a.3tz").get("tileset.json"),
        FolderReader(folder).get("tileset.json"),
    )
    assert inside is not None
    assert inside == beside


def test_open_tiles_takes_either_and_names_what_is_missing(folder: Path) -> None:
    write_archive(folder / "a.3tz", [("tileset.json", b"{}")])
    assert isinstance(open_tiles(folder), FolderReader)
    assert isinstance(open_tiles(folder / "a.3tz"), ArchiveReader)
    with pytest.raises(StorageError, match="none"):
        open_tiles(folder / "none")
