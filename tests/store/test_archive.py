"""Facts of 3tz archives; Python's own zipfile is the outside witness."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import struct
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smap.errors import FormatError, StorageError
from smap.store import ArchiveReader, pack_entry, write_archive
from smap.store.zip import DirectoryRecord, end_records, read_directory_record, read_end

ROOT = ("tileset.json", b'{"asset":{"version":"1.1"}}' * 9)
PARTS = st.text("abc가_-", min_size=1, max_size=4)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


def archive_of(folder: Path, *entries: tuple[str, bytes]) -> Path:
    path = folder / "city.3tz"
    write_archive(path, [ROOT, *entries])
    return path


@given(entries=st.dictionaries(PATHS, st.binary(max_size=300), max_size=12))
@settings(max_examples=50)
def test_every_entry_comes_back_and_zipfile_agrees(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, bytes]
) -> None:
    path = archive_of(tmp_path_factory.mktemp("archive"), *entries.items())
    with ArchiveReader(path) as reader, zipfile.ZipFile(path) as witness:
        assert witness.testzip() is None
        assert list(reader.names()) == [ROOT[0], *entries]
        for name, data in [ROOT, *entries.items()]:
            tile = reader.get(name)
            assert tile is not None
            assert tile.identity() == data == witness.read(name)
            assert tile.size == len(data)


def test_a_compressed_entry_is_a_ready_gzip_body_and_has_two_etags(tmp_path: Path) -> None:
    with ArchiveReader(archive_of(tmp_path)) as reader:
        tile = reader.get("tileset.json")
    assert tile is not None
    assert (tile.encoding, tile.media_type) == ("gzip", "application/json")
    assert gzip.decompress(tile.body) == ROOT[1]
    plain = tile.as_identity()
    assert (plain.body, plain.encoding) == (ROOT[1], None)
    assert plain.etag != tile.etag
    assert plain.as_identity() is plain


def test_what_does_not_shrink_is_stored_as_it_is(tmp_path: Path) -> None:
    noise = hashlib.sha512(b"noise").digest()
    with ArchiveReader(archive_of(tmp_path, ("a.glb", noise))) as reader:
        tile = reader.get("a.glb")
    assert tile is not None
    assert (tile.body, tile.encoding, tile.media_type) == (noise, None, "model/gltf-binary")


def test_an_unknown_path_gives_none(tmp_path: Path) -> None:
    with ArchiveReader(archive_of(tmp_path)) as reader:
        assert [reader.get(name) for name in ("", "/tileset.json", "../tileset.json", "no.glb")] == [None] * 4


def test_the_index_is_the_last_entry_sorted_by_two_little_endian_words(tmp_path: Path) -> None:
    path = archive_of(tmp_path, *[(f"{i}.glb", b"x") for i in range(50)])
    with zipfile.ZipFile(path) as witness:
        last = witness.infolist()[-1]
        index = witness.read("@3dtilesIndex1@")
        offsets = {entry.filename: entry.header_offset for entry in witness.infolist()}
        assert witness.comment == b""
    assert (last.filename, last.compress_type) == ("@3dtilesIndex1@", zipfile.ZIP_STORED)
    records = [index[at : at + 24] for at in range(0, len(index), 24)]
    keys = [struct.unpack("<QQ", record[:16]) for record in records]
    assert keys == sorted(keys)
    digests = {hashlib.md5(name.encode(), usedforsecurity=False).digest(): name for name in offsets}
    assert all(offsets[digests[record[:16]]] == struct.unpack("<Q", record[16:])[0] for record in records)


def test_local_headers_carry_sizes_and_a_date_that_never_changes(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    _, _, flags, method, _, _, crc, compressed, size = struct.unpack_from("<4sHHHHHIII", path.read_bytes())
    assert (flags & 0b1001, method, size) == (0, 8, len(ROOT[1]))
    assert crc
    assert compressed
    with zipfile.ZipFile(path) as witness:
        assert witness.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_the_same_entries_give_the_same_bytes(tmp_path: Path) -> None:
    first = archive_of(tmp_path, ("a.glb", b"a" * 99)).read_bytes()
    packed = pack_entry(b"a" * 99)
    write_archive(tmp_path / "other.3tz", [ROOT, ("a.glb", packed)])
    assert (tmp_path / "other.3tz").read_bytes() == first


def test_more_entries_than_65535_make_a_zip64(tmp_path: Path) -> None:
    path = archive_of(tmp_path, *[(f"{i}.glb", b"") for i in range(66_000)])
    with ArchiveReader(path) as reader, zipfile.ZipFile(path) as witness:
        assert len(reader) == 66_001
        assert len(witness.namelist()) == 66_002
        assert reader.get("65999.glb") is not None


def test_places_beyond_4_gib_are_written_and_read_by_zip64() -> None:
    record = DirectoryRecord("a.glb", 0, 1, 2, 2, 5 << 30)
    found = read_directory_record(record.pack())
    assert (found.name, found.offset, found.length) == ("a.glb", 5 << 30, len(record.pack()))
    assert read_end(end_records(3, 5 << 30, 150)) == (3, 5 << 30, 150)
    assert read_end(end_records(70_000, 99, 5 << 30)) == (70_000, 99, 5 << 30)


def test_without_libdeflate_zlib_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "deflate", None)
    with ArchiveReader(archive_of(tmp_path)) as reader:
        tile = reader.get("tileset.json")
    assert tile is not None
    assert (tile.encoding, tile.identity()) == ("gzip", ROOT[1])


def test_many_threads_read_at_once(tmp_path: Path) -> None:
    entries = {f"{i}.glb": str(i).encode() * 40 for i in range(300)}
    with ArchiveReader(archive_of(tmp_path, *entries.items())) as reader, ThreadPoolExecutor(8) as pool:
        tiles = list(pool.map(reader.get, [*entries] * 4))
    assert [tile.identity() if tile else None for tile in tiles] == [*entries.values()] * 4


@pytest.mark.parametrize(
    "path", ["", "/a", "a//b", "../a", "a/./b", "a\\b", "@3dtilesIndex1@", "tileset.json"]
)
def test_a_path_that_is_absolute_climbing_or_double_is_refused_and_nothing_is_left(
    tmp_path: Path, path: str
) -> None:
    with pytest.raises(FormatError):
        archive_of(tmp_path, (path, b""))
    assert list(tmp_path.iterdir()) == []


def test_an_archive_without_a_root_tileset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"tileset\.json"):
        write_archive(tmp_path / "a.3tz", [("a.glb", b"")])


def test_a_full_disk_is_told_in_one_line_and_the_old_archive_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive_of(tmp_path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        archive_of(tmp_path, ("a.glb", b"x"))
    assert [file.name for file in tmp_path.iterdir()] == ["city.3tz"]
    assert path.read_bytes() == before


def damaged(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


@pytest.mark.parametrize("keep", [0, 21, 100, -1, -30])
def test_a_cut_archive_is_refused_on_opening(tmp_path: Path, keep: int) -> None:
    path = archive_of(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FormatError, match="no 3tz archive"):
        ArchiveReader(path)


def test_a_plain_zip_without_index_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.3tz", "w") as file:
        file.writestr(*ROOT)
    with pytest.raises(FormatError, match="@3dtilesIndex1@"):
        ArchiveReader(tmp_path / "a.3tz")


@pytest.mark.parametrize(
    ("at", "new"),
    [(0, b"QQ"), (6, b"\x01"), (6, b"\x08"), (8, b"\x5d"), (18, b"\xff\xff\xff\xff"), (30, b"x")],
    ids=["signature", "encrypted", "sizes after the data", "zstd", "size", "name"],
)
def test_a_damaged_local_header_is_a_fault_and_no_tile(tmp_path: Path, at: int, new: bytes) -> None:
    path = archive_of(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), at, new))
    with ArchiveReader(path) as reader, pytest.raises(FormatError):
        reader.get("tileset.json")


def test_damaged_bytes_are_found_when_inflated(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    path.write_bytes(damaged(path.read_bytes(), 30 + len("tileset.json") + 5, b"\x00\x00"))
    with ArchiveReader(path) as reader:
        tile = reader.get("tileset.json")
    assert tile is not None
    with pytest.raises(FormatError):
        tile.identity()


def test_a_missing_archive_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot open .*none\.3tz"):
        ArchiveReader(tmp_path / "none.3tz")
