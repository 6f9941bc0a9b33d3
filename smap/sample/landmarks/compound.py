"""What is more than one hall: Jongmyo's long halls with their wings, a court's corridors."""

from __future__ import annotations

from dataclasses import dataclass

from smap.sample.landmarks.hall import Pavilion, pavilion
from smap.sample.landmarks.stone import DEPTH_M, steps, terrace
from smap.scene.solids import Mesh, box, join, moved, turned

__all__ = ["Court", "Flanked", "Shrine", "corridors", "flanked_hall", "shrine"]


@dataclass(frozen=True)
class Shrine:
    """A long hall: the wide terrace (width, front, height), side rooms and the wings that come forward.

    side: (length, depth, lower by) at each end of the hall; wing: (width, length forward).
    """

    terrace: tuple[float, float, float]
    side: tuple[float, float, float]
    wing: tuple[float, float] = (0.0, 0.0)
    stairs: int = 3


def shrine(body: Pavilion, shape: Shrine, detail: int) -> Mesh:
    """A shrine of one long roof without dancheong; its height counts from the ground."""
    w, d = body.size
    wide, front, low = shape.terrace
    upper = 0.9
    floor = low + upper
    length, depth, lower = shape.side
    reach = w / 2 + length
    parts = [
        terrace((-wide / 2, wide / 2), (-d / 2 - front, d / 2 + 4.0), (-DEPTH_M, low), detail),
        terrace((-reach - 2.0, reach + 2.0), (-d / 2 - 4.5, d / 2 + 2.0), (low - 0.01, floor), detail),
    ]
    for at in range(shape.stairs):
        x = 0.0 if shape.stairs == 1 else (at / (shape.stairs - 1) - 0.5) * 0.62 * wide
        parts.append(steps(x, 4.2, (-d / 2 - front, 1.9), (0.0, low), detail))
        parts.append(steps(x * 0.8, 3.2, (-d / 2 - 4.5, 1.4), (low, floor), detail))
    parts.append(moved(pavilion(_like(body, body.size, body.bays, body.height - floor), detail), z=floor))
    back = (d - depth) / 2
    rooms = _like(
        body,
        (length, depth),
        (max(1, round(length / 3.8)), 2),
        body.height - floor - lower,
        wall="brick",
        column=body.column - 0.9,
    )
    for sign in (-1.0, 1.0):
        parts.append(moved(pavilion(rooms, detail), sign * (w / 2 + length / 2 + 0.2), back, floor))
        if shape.wing[0]:
            parts.append(_wing(body, shape, sign, (reach, floor, lower), detail))
    return join(parts)


def _wing(body: Pavilion, shape: Shrine, sign: float, at: tuple[float, float, float], detail: int) -> Mesh:
    """동·서월랑: an open hall at a right angle to the long one, before its end."""
    reach, floor, lower = at
    wide, long = shape.wing
    wing = _like(
        body,
        (long, wide),
        (max(2, round(long / 3.8)), 1),
        body.height - floor - lower - 1.4,
        wall="open",
        column=body.column - 1.2,
    )
    mesh = turned(pavilion(wing, detail), -90.0 * sign)
    y = -body.size[1] / 2 + 1.0 - long / 2
    base = box(
        "granite_light",
        (-wide / 2 - 1.0, wide / 2 + 1.0),
        (-long / 2 - 1.0, long / 2 + 1.0),
        (shape.terrace[2] - 0.01, floor),
    )
    x = sign * (reach - wide / 2)
    return join([moved(mesh, x, y, floor), moved(base, x, y)])


def _like(
    body: Pavilion,
    size: tuple[float, float],
    bays: tuple[int, int],
    height: float,
    *,
    wall: str = "",
    column: float = 0.0,
) -> Pavilion:
    changed = {"size": size, "bays": bays, "height": height}
    if wall:
        changed |= {
            "wall": wall,
            "back": "brick" if wall == "brick" else wall,
            "column": column,
            "ridge": 0.85 * body.ridge,
            "figures": 0,
        }
    return Pavilion(**{**body.__dict__, **changed})


BAY_M = (8.0, 8.0, 14.0)
"""Of a corridor, by detail. From near to middling its columns stay: a moved one is a missing one."""


@dataclass(frozen=True)
class Court:
    """Corridors (행각) around a court: their depth, and gaps in the front and back for gates and halls."""

    depth: float = 8.0
    gap_front: float = 0.0
    gap_back: float = 0.0


def corridors(body: Pavilion, shape: Court, detail: int) -> Mesh:
    """Four long roofs around a court; `body.size` is the outer size."""
    w, d = body.size
    deep = shape.depth
    parts = []
    for sign, gap in ((-1.0, shape.gap_front), (1.0, shape.gap_back)):
        y = sign * (d / 2 - deep / 2)
        spans = [(-w / 2, -gap / 2), (gap / 2, w / 2)] if gap else [(-w / 2, w / 2)]
        for a, b in spans:
            parts.append(
                moved(_range(body, b - a, deep, detail, turn=180.0 if sign < 0 else 0.0), (a + b) / 2, y)
            )
    long = d - 2 * deep
    for sign in (-1.0, 1.0):
        side = _range(body, long + 2.4, deep, detail, turn=-90.0 * sign)
        parts += [moved(side, sign * (w / 2 - deep / 2))]
    return join(parts)


def _range(body: Pavilion, length: float, deep: float, detail: int, *, turn: float) -> Mesh:
    rise = 0.8
    hall = Pavilion(
        **{
            **body.__dict__,
            "size": (length - 1.0, deep - 2.0),
            "height": body.height - rise,
            "bays": (max(2, round(length / BAY_M[detail])), 1),
        }
    )
    base = terrace((-length / 2, length / 2), (-deep / 2, deep / 2), (-DEPTH_M, rise), 2)
    return turned(join([base, moved(pavilion(hall, detail), z=rise)]), turn)


@dataclass(frozen=True)
class Flanked:
    """A hall between two lower ones that stand forward: size, height, distance sideways and forward."""

    size: tuple[float, float] = (18.0, 12.0)
    height: float = 10.0
    aside: float = 30.0
    forward: float = 8.0
    link: float = 4.0
    rise: float = 1.2


def flanked_hall(body: Pavilion, shape: Flanked, detail: int) -> Mesh:
    """Cheong Wa Dae: the two-storeyed hall under blue tiles and its annexes, joined by low links."""
    w, d = body.size
    main = Pavilion(**{**body.__dict__, "height": body.height - shape.rise})
    side = Pavilion(
        **{
            **body.__dict__,
            "size": shape.size,
            "height": shape.height - shape.rise,
            "storeys": 1,
            "bays": (5, 3),
            "column": 0.8 * body.column,
            "clusters": 0,
            "row": 1.5 * body.row,
        }
    )
    parts = [
        terrace((-w / 2 - 3.0, w / 2 + 3.0), (-d / 2 - 6.0, d / 2 + 3.0), (-DEPTH_M, shape.rise), detail),
        steps(0.0, 8.0, (-d / 2 - 6.0, 2.4), (0.0, shape.rise), detail),
        moved(pavilion(main, detail), z=shape.rise),
    ]
    for sign in (-1.0, 1.0):
        x = sign * shape.aside
        base = terrace(
            (-shape.size[0] / 2 - 2, shape.size[0] / 2 + 2),
            (-shape.size[1] / 2 - 2, shape.size[1] / 2 + 2),
            (-DEPTH_M, shape.rise),
            detail,
        )
        parts.append(moved(join([base, moved(pavilion(side, detail), z=shape.rise)]), x, -shape.forward))
        ends = sorted((sign * (w / 2 - 0.5), x - sign * (shape.size[0] / 2 - 0.5)))
        parts.append(
            box(
                "concrete",
                (ends[0], ends[1]),
                (-3.0 - shape.forward / 2, 3.0 - shape.forward / 2),
                (-DEPTH_M, shape.link),
            )
        )
    return join(parts)
