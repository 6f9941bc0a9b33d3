"""Given: the rows of sources as their files gave them, kept so that the next build sees which are others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smap.build.cache import Cache
from smap.build.inputs import digest_of_file
from smap.build.sealed import digest_of_sealed, sealed_parts, unseal
from smap.sources.vector import GivenLayer

__all__ = ["GivenFile", "GivenRows", "Keeper", "changed_rows"]


@dataclass(frozen=True)
class GivenFile:
    """A file as it was read. digest: of the file. batches: rows of each, and under which name it is kept."""

    digest: str
    batches: tuple[tuple[int, str], ...]

    @property
    def rows(self) -> int:
        """How many in all."""
        return sum(rows for rows, _ in self.batches)


@dataclass(frozen=True)
class GivenRows:
    """Rows of one layer that are others than they were. at: int64 (m,), their places in the file."""

    layer: GivenLayer
    at: NDArray[np.int64]
    before: pa.RecordBatch
    after: pa.RecordBatch


@dataclass
class Keeper:
    """Keeps the rows of all layers that it is shown, beside the work on them.

    is_whole: whether each row of all that it was shown is a feature of its own. rows: how many so far.
    """

    cache: Cache
    is_whole: bool = True
    rows: int = 0
    _files: dict[Path, tuple[str, list[tuple[int, Future[str]]]]] = field(default_factory=dict)
    _fresh: list[str] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def __call__(self, one: GivenLayer, rows: pa.RecordBatch) -> None:
        """One more batch."""
        path = one.layer.file.path
        self.is_whole &= one.row_by_row(rows.schema) and (
            path not in self._files or path == next(reversed(self._files))
        )
        self.rows += rows.num_rows
        if self.is_whole:
            if path not in self._files:  # its digest first: should it change meanwhile, it is another
                self._files[path] = digest_of_file(path), []
            self._files[path][1].append((rows.num_rows, self._pool.submit(self._keep, rows)))

    def files(self) -> tuple[GivenFile, ...]:
        """All that was shown."""
        return tuple(
            GivenFile(digest, tuple((rows, name.result()) for rows, name in batches))
            for digest, batches in self._files.values()
        )

    def close(self, *, forget: bool) -> None:
        """Let the thread go, and remove what was not there before if it is to be forgotten."""
        self._pool.shutdown()
        for name in self._fresh if forget else ():
            self.cache.discard(name)

    def _keep(self, rows: pa.RecordBatch) -> str:
        packed = _packed(rows)
        name = _name_of(packed)
        if name not in self.cache:
            self._fresh.append(name)
            self.cache.put(name, *packed)
        return name


def changed_rows(
    one: GivenLayer, known: GivenFile, cache: Cache, *, most: int
) -> tuple[GivenFile, Sequence[GivenRows]] | None:
    """A file as it is now, and in which rows it is another than it was.

    None: these are more than so many, there are more rows or fewer, or the rows of before are gone.
    """
    digest = digest_of_file(one.layer.file.path)
    if digest == known.digest:
        return known, ()
    batches: list[tuple[int, str]] = []
    found: list[GivenRows] = []
    start = 0
    for rows, (count, name) in _side_by_side(one, known):
        if rows is None or count != rows.num_rows or not one.row_by_row(rows.schema):
            return None
        packed = _packed(rows)
        own = _name_of(packed)
        if own != name:
            before = _kept(name, cache)
            at = None if before is None else _rows_apart(before, rows)
            if before is None or at is None or len(at) > most:
                return None
            chosen = pa.array(at)
            if len(at):
                found.append(GivenRows(one, at + start, before.take(chosen), rows.take(chosen)))
            cache.put(own, *packed)
        batches.append((count, own))
        start += count
    one.check_count(start)
    return GivenFile(digest, tuple(batches)), found


def _side_by_side(
    one: GivenLayer, known: GivenFile
) -> Iterator[tuple[pa.RecordBatch | None, tuple[int, str]]]:
    """Batches of the file with what is known of them; None or nothing where there are more of the others."""
    now = one.batches()
    for told in known.batches:
        yield next(now, None), told
    if (more := next(now, None)) is not None:
        yield more, (-1, "")


def _packed(rows: pa.RecordBatch) -> list[bytes | memoryview]:
    sink = pa.BufferOutputStream()
    plain = rows.replace_schema_metadata(None)
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_batch(plain)
    return sealed_parts({"rows": np.frombuffer(sink.getvalue(), np.uint8)})


def _name_of(packed: Sequence[bytes | memoryview]) -> str:
    return f"rows-{digest_of_sealed(bytes(packed[0]))[:32]}"


def _kept(name: str, cache: Cache) -> pa.RecordBatch | None:
    data = cache.get(name)
    if data is None:
        return None
    arrays: Mapping[str, NDArray[np.uint8]] = unseal(data)[0]
    with pa.ipc.open_stream(pa.py_buffer(arrays["rows"])) as stream:
        return stream.read_next_batch()


def _rows_apart(one: pa.RecordBatch, other: pa.RecordBatch) -> NDArray[np.int64] | None:
    """Rows that are not the same in both; None when the columns are not."""
    if one.schema.names != other.schema.names or one.num_rows != other.num_rows:
        return None
    apart = np.zeros(one.num_rows, bool)
    for mine, theirs in zip(one.columns, other.columns, strict=True):
        if mine.type != theirs.type:
            return None
        if mine.equals(theirs):
            continue
        mine, theirs = (c.storage if isinstance(c, pa.ExtensionArray) else c for c in (mine, theirs))
        differ = pc.fill_null(pc.not_equal(mine, theirs), fill_value=True)
        both = pc.and_(pc.is_null(mine), pc.is_null(theirs))
        apart |= np.asarray(pc.and_not(differ, both).to_numpy(zero_copy_only=False), bool)
    return np.flatnonzero(apart)
