"""A piece: what one partition becomes, made in any process: its tiles, and what it leaves to those above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.columns import PUBLISHED
from smap.build.drawn import volume_of
from smap.build.earlier import Earlier, PieceTile, prisms_of
from smap.build.form import PLAIN, Form
from smap.build.partition import Partition, footprint_arrays, footprints_of
from smap.build.sealed import seal, unseal
from smap.build.seating import Footing, Seated, seat
from smap.build.tile import MadeTile, in_full, make_tile, tile_task
from smap.formats.utf8 import Utf8
from smap.geo.bounds import Box
from smap.scene.footprint import Footprints
from smap.scene.massing import walls_back_to_back
from smap.scene.measure import Rectangles, areas, bounding_rectangles, centroids, local_plane
from smap.store.archive import PackedEntry
from smap.tiling.lod import Buildings, Content, Frontier, content_of_tiles, draw_above
from smap.tiling.lod_blocks import Items
from smap.tiling.tree import Node

__all__ = [
    "Edge",
    "Piece",
    "PieceTask",
    "PieceTile",
    "Summary",
    "ancestor_of",
    "make_piece",
    "triangles_of",
]

Column = NDArray[Any]
Properties = Mapping[str, Column | Utf8]
_PLAIN = ("top", "ground", "lowest", "area", "scale", "triangles", "hidden", "off")


@dataclass(frozen=True)
class PieceTask:
    """partition: as `Partition.pack` gives it. footing: what it stands on. earlier: a partition that is much
    the same, and its piece on that footing.
    """

    partition: bytes
    footing: Footing
    earlier: tuple[bytes, bytes] | None = None


@dataclass(frozen=True)
class Summary:
    """What tiles leave to those above: frontier's numbers are rows of properties and of named: bool (m,)."""

    frontier: Frontier
    properties: Properties
    named: NDArray[np.bool_]


@dataclass(frozen=True)
class Edge:
    """How many buildings stand where the terrain's source knew nothing; of those that may be named

    rows: int64 (m,), which of the partition they are; id: their own; lonlat: float64 (m, 2), radians.
    """

    count: int
    rows: NDArray[np.int64]
    id: Utf8
    lonlat: NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """Tiles in the order of the tree, the root last. Of a partition also its edge, and how it is seated.

    What is unpacked again says nothing of the seating.
    """

    tiles: tuple[PieceTile, ...]
    summary: Summary
    edge: Edge | None = None
    seated: Seated | None = None

    def pack(self) -> bytes:
        """As sealed bytes."""
        made = [tile.made for tile in self.tiles]
        arrays: dict[str, Column | Utf8] = {
            "body": np.frombuffer(b"".join(m.entry.body for m in made), np.uint8),
            "box": np.array([[m.box.center, *m.box.half_axes] for m in made]),
            "measured": np.array([(tile.error, tile.volume) for tile in self.tiles]),
            **({} if self.edge is None else _of_edge(self.edge)),
            **({} if self.seated is None else _of_seated(self.seated)),
            **_of_summary(self.summary),
        }
        facts = [
            (
                m.path,
                len(m.entry.body),
                m.entry.method,
                m.entry.crc,
                m.entry.size,
                m.triangles,
                m.size,
                prisms,
            )
            for m, prisms in zip(made, (tile.prisms for tile in self.tiles), strict=True)
        ]
        frontier = self.summary.frontier
        told = {"tiles": facts, "triangles": frontier.triangles, "error": frontier.error}
        told |= {} if self.edge is None else {"edge": self.edge.count}
        return seal(arrays, told)

    @staticmethod
    def unpack(data: bytes) -> Piece:
        """From the bytes of `pack`."""
        arrays, facts = unseal(data)
        body, at = memoryview(arrays["body"].data), 0
        tiles = []
        for told, box, (error, volume) in zip(
            facts["tiles"], arrays["box"], arrays["measured"].tolist(), strict=True
        ):
            path, length, method, crc, size, triangles, plain, prisms = told
            entry = PackedEntry(bytes(body[at : at + length]), method, crc, size)
            made = MadeTile(path, entry, Box(box[0], box[1:]), triangles, plain)
            tiles.append(PieceTile(made, error, volume, prisms))
            at += length
        edge = None
        if "edge" in facts:
            edge = Edge(facts["edge"], arrays["edge:rows"], arrays["edge:id"], arrays["edge:lonlat"])
        return Piece(tuple(tiles), _summary_of(arrays, facts), edge)


def make_piece(task: PieceTask) -> bytes:
    """The sealed piece of a partition: seated, cut into levels, raised, encoded and packed."""
    partition = Partition.unpack(task.partition)
    earlier = None if task.earlier is None else _earlier(*task.earlier)
    seated = None if earlier is None else earlier.seating_of(partition.footprints)
    if seated is None:
        seated = seat(partition.footprints, task.footing)
    same = None if earlier is None else earlier.same_rows(partition, seated)
    buildings = _as_tiling_sees(partition, seated.ground, seated.lowest)
    source = Utf8.of(seated.source)
    properties = _ordered({**partition.properties, "ground_source": source})
    contents, frontiers = zip(*content_of_tiles(partition.tree, buildings), strict=True)
    tiles = []
    for number, (node, content) in enumerate(zip(partition.tree.nodes, contents, strict=True)):
        prisms = prisms_of(content) if node.children else ""
        tile = None
        if earlier is not None and same is not None:
            tile = earlier.tile(number, node, prisms, same)
        tiles.append(tile or _tile(node, content, properties, partition.named, partition.form, prisms))
    summary = _left_over(frontiers[-1], properties, partition.named)
    return Piece(tuple(tiles), summary, _edge(partition, seated.source == "edge"), seated).pack()


def _earlier(partition: bytes, piece: bytes) -> Earlier:
    ground, lowest, source = (unseal(piece)[0][f"seated:{name}"] for name in ("ground", "lowest", "source"))
    seated = Seated(ground, lowest, source.objects())
    return Earlier(Partition.unpack(partition), seated, Piece.unpack(piece).tiles)


def ancestor_of(node: Node, children: Sequence[Summary]) -> Piece:
    """The piece of one tile above others."""
    names = children[0].properties
    properties = {name: _joined([child.properties[name] for child in children]) for name in names}
    named = np.concatenate([child.named for child in children])
    content, frontier = draw_above(_numbered_on([child.frontier for child in children]))
    tile = _tile(node, content, properties, named)
    return Piece((tile,), _left_over(frontier, properties, named))


def triangles_of(footprints: Footprints) -> NDArray[np.int64]:
    """Triangles of each building with its own footprint: those of the roof, and two for each side.

    A polygon of v vertices in r rings is cut into v + 2 (r - 2) triangles.
    """
    vertices = np.diff(footprints.feature_vertices)
    polygons = np.diff(footprints.features)
    rings = np.diff(footprints.polygons[footprints.features])
    return np.asarray(3 * vertices + 2 * (rings - 2 * polygons))


def _hidden(footprints: Footprints) -> NDArray[np.int64]:
    """Of each building the triangles of walls that stand back to back with another's."""
    first = np.concatenate(walls_back_to_back(footprints))
    met = footprints.vertex_feature[np.unique(first)]
    return np.asarray(2 * np.bincount(met, minlength=len(footprints)))


def _as_tiling_sees(
    partition: Partition, ground: NDArray[np.float64], lowest: NDArray[np.float64]
) -> Buildings:
    plane = local_plane(partition.footprints)
    area = areas(partition.footprints, plane)
    ground = partition.form.of_whole(ground, area)
    top, begin, off = partition.form.levels(ground, partition.height)
    return Buildings(
        footprints=partition.footprints,
        top=top,
        ground=begin,
        lowest=_lowest(partition.form, lowest, ground, begin),
        area=area,
        scale=plane.scale,
        rectangles=bounding_rectangles(partition.footprints, plane),
        triangles=partition.form.triangles(triangles_of(partition.footprints)),
        hidden=_hidden(partition.footprints),
        off=off,
    )


def _lowest(
    form: Form, lowest: NDArray[np.float64], ground: NDArray[np.float64], begin: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The lowest ground under each; what begins in the air has none below that."""
    if form.base is None:
        return np.minimum(lowest, begin)
    return np.where(form.base > 0.0, np.minimum(lowest, ground) + form.base, np.minimum(lowest, begin))


def _edge(partition: Partition, is_edge: NDArray[np.bool_]) -> Edge:
    rows = np.flatnonzero(is_edge & partition.named)
    few = partition.footprints.take(rows)
    middle = centroids(few, local_plane(few)) if len(rows) else np.empty((0, 2))
    names = partition.properties["id"]
    assert isinstance(names, Utf8)
    return Edge(int(is_edge.sum()), rows, names.take(rows), middle)


def _ordered(known: Properties) -> dict[str, Column | Utf8]:
    return {name: known[name] for name in [*PUBLISHED, *(n for n in known if n not in PUBLISHED)]}


def _tile(
    node: Node,
    content: Content,
    properties: Properties,
    named: NDArray[np.bool_],
    form: Form = PLAIN,
    prisms: str = "",
) -> PieceTile:
    task = tile_task(node.tile, content, properties, named, form.holder)
    made = make_tile(task if node.children else in_full(task, content, form))
    return PieceTile(made, content.error, volume_of(content), prisms)


def _left_over(frontier: Frontier, properties: Properties, named: NDArray[np.bool_]) -> Summary:
    rows = frontier.number
    own = replace(frontier, number=np.arange(len(rows)))
    return Summary(own, {name: _taken(column, rows) for name, column in properties.items()}, named[rows])


def _taken(column: Column | Utf8, rows: NDArray[np.int64]) -> Column | Utf8:
    return column.take(rows) if isinstance(column, Utf8) else column[rows]


def _joined(columns: Sequence[Column | Utf8]) -> Column | Utf8:
    texts = [column for column in columns if isinstance(column, Utf8)]
    if texts:
        return Utf8.concatenate(texts)
    return np.concatenate([column for column in columns if not isinstance(column, Utf8)])


def _numbered_on(frontiers: Iterable[Frontier]) -> list[Frontier]:
    found, first = [], 0
    for frontier in frontiers:
        found.append(replace(frontier, number=frontier.number + first))
        first += len(frontier.number)
    return found


def _of_edge(edge: Edge) -> dict[str, Column | Utf8]:
    return {"edge:rows": edge.rows, "edge:id": edge.id, "edge:lonlat": edge.lonlat}


def _of_seated(seated: Seated) -> dict[str, Column]:
    return {f"seated:{name}": column for name, column in vars(seated).items()}


def _of_summary(summary: Summary) -> dict[str, Column | Utf8]:
    buildings = summary.frontier.buildings
    return {
        **{f"building:{name}": getattr(buildings, name) for name in _PLAIN},
        **{f"rectangle:{name}": column for name, column in vars(buildings.rectangles).items()},
        **{f"item:{name}": column for name, column in vars(summary.frontier.items).items()},
        **footprint_arrays(buildings.footprints),
        **{f"property:{name}": column for name, column in summary.properties.items()},
        "named": summary.named,
    }


def _summary_of(arrays: Mapping[str, Any], facts: Mapping[str, Any]) -> Summary:
    def of(kind: str) -> dict[str, Any]:
        start = f"{kind}:"
        return {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}

    buildings = Buildings(footprints_of(arrays), rectangles=Rectangles(**of("rectangle")), **of("building"))
    number = np.arange(len(arrays["named"]))
    frontier = Frontier(buildings, number, Items(**of("item")), facts["triangles"], facts["error"])
    return Summary(frontier, of("property"), arrays["named"])
