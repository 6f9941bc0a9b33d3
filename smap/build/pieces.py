"""Pieces of a plan: from the cache where they are there, else made by the executor, in the tree's order."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from smap.build.cache import Cache
from smap.build.engine import engine_digest
from smap.build.piece import Edge, Piece, PieceTask, PieceTile, Summary, ancestor_of, make_piece
from smap.build.plan import Part, Plan
from smap.build.sealed import digest_of_sealed
from smap.build.standing import Base
from smap.build.work import Work

__all__ = ["LostPartitionError", "Pieces", "piece_name"]


class LostPartitionError(Exception):
    """A partition that a kept plan names is not in the cache any more, or damaged: plan anew."""


class Pieces:
    """All tiles of a plan. After the last one:

    edges: for each part which of its buildings stand on a terrain's edge. reused: how many tiles are what
    they were. names: of the pieces in the cache.
    """

    def __init__(self, plan: Plan, base: Base, cache: Cache, work: Work) -> None:
        self._plan = plan
        self.base = base
        self.cache = cache
        self._work = work
        self._kept = set() if work.force else {p.root for p in plan.parts if self._name(p) in cache}
        self._summaries: dict[int, Summary] = {}
        self._keys: dict[int, str] = {}
        self._earlier_tiles: dict[int, set[tuple[object, ...]]] = {}
        self.edges: list[Edge] = []
        self.reused = 0
        self.names: list[str] = []

    def tiles(self) -> Iterator[PieceTile]:
        """Every tile, in the order of the tree. LostPartitionError: the plan does not hold any more."""
        parts = {part.root: part for part in self._plan.parts}
        made = self._work.executor.map(make_piece, self._tasks())
        for number in _order(self._plan):
            if number in parts:
                yield from self._of_part(parts[number], made)
            else:
                yield from self._above(number)

    def _tasks(self) -> Iterator[PieceTask]:
        return (self._task(part) for part in self._plan.parts if part.root not in self._kept)

    def _task(self, part: Part) -> PieceTask:
        data = self.cache.get(part.digest)
        if data is None or digest_of_sealed(data) != part.digest:
            raise LostPartitionError(part.digest)
        return PieceTask(data, self.base.footing, self._earlier(part))

    def _earlier(self, part: Part) -> tuple[bytes, bytes] | None:
        if part.earlier is None or self._work.force:
            return None
        partition = self.cache.get(part.earlier)
        piece = self.cache.get(piece_name(part.earlier, self.base))
        if partition is None or piece is None:
            return None
        self._earlier_tiles[part.root] = {_mark(tile) for tile in Piece.unpack(piece).tiles}
        return partition, piece

    def _of_part(self, part: Part, made: Iterator[bytes]) -> tuple[PieceTile, ...]:
        name = self._name(part)
        data = self.cache.get(name) if part.root in self._kept else None
        is_kept = data is not None
        if data is None:
            data = make_piece(self._task(part)) if part.root in self._kept else next(made)
            self.cache.put(name, data)
        piece = Piece.unpack(data)
        assert piece.edge is not None
        self.edges.append(piece.edge)
        return self._noted(part.root, name, piece, is_kept=is_kept)

    def _above(self, number: int) -> tuple[PieceTile, ...]:
        node = self._plan.tree.nodes[number]
        children = [self._summaries.pop(child) for child in node.children]
        keys = " ".join(self._keys.pop(child) for child in node.children)
        name = f"above-{sha256(f'{engine_digest()} {node.tile} {keys}'.encode()).hexdigest()[:32]}"
        data = None if self._work.force else self.cache.get(name)
        piece = ancestor_of(node, children) if data is None else Piece.unpack(data)
        if data is None:
            self.cache.put(name, piece.pack())
        return self._noted(number, name, piece, is_kept=data is not None)

    def _noted(self, number: int, name: str, piece: Piece, *, is_kept: bool) -> tuple[PieceTile, ...]:
        self._summaries[number], self._keys[number] = piece.summary, name
        self.names.append(name)
        before = self._earlier_tiles.pop(number, set())
        self.reused += sum(is_kept or _mark(tile) in before for tile in piece.tiles)
        return piece.tiles

    def _name(self, part: Part) -> str:
        return piece_name(part.digest, self.base)


def _mark(tile: PieceTile) -> tuple[object, ...]:
    """What tells tiles apart."""
    return tile.made.path, tile.made.entry.crc, tile.made.size


def piece_name(partition: str, base: Base) -> str:
    """The name in the cache of the piece of a partition, of which this is the digest."""
    terrain = base.terrain or {}
    stands = f"{terrain.get('name')} {terrain.get('version')} {base.footing.on_geoid}"
    return f"piece-{sha256(f'{engine_digest()} {partition} {stands}'.encode()).hexdigest()[:32]}"


def _order(plan: Plan) -> list[int]:
    """The roots of the parts and all nodes above them, children first."""
    nodes = plan.tree.nodes
    roots = {part.root for part in plan.parts}
    found, todo = [], [len(nodes) - 1]
    while todo:
        found.append(number := todo.pop())
        todo += () if number in roots else nodes[number].children
    return sorted(found)
