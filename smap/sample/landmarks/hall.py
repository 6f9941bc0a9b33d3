"""Halls: a timber body on stone terraces under one roof or two; gates carry the same body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from smap.sample.landmarks.roof import ROW_M, Roof, roof_mesh
from smap.sample.landmarks.stone import DEPTH_M, railing, steps, terrace
from smap.sample.landmarks.timber import Storey, Wall, storey_mesh
from smap.scene.solids import Mesh, Quads, join, moved

__all__ = ["Hall", "Pavilion", "hall", "pavilion"]

BOARD_OUT_M = 0.75  # a name board hangs so far before the upper columns
EAVE_EDGE_M = 0.46  # of the roof's edge, under the tiles' surface


@dataclass(frozen=True)
class Pavilion:
    """The timber part; metres. `size` between outer columns, `height` from its floor to the main ridge's top.

    roof: the upper roof's kind. `storeys` 2 adds a lower skirt roof; the upper body is drawn in by `setback`.
    `column` is the height of the (lower) columns, `upper` of what shows of the upper storey. `board`: width
    and height of the name board (현판) before the upper storey, upright where it is higher than wide;
    `letters`: the pigment of its writing.
    """

    size: tuple[float, float]
    height: float
    bays: tuple[int, int] = (5, 3)
    roof: Literal["hip", "hip_gable", "gable"] = "hip_gable"
    storeys: int = 1
    column: float = 4.0
    upper: float = 1.6
    setback: float = 2.2
    overhang: float = 2.6
    bracket: float = 1.5
    wall: Wall = "doors"
    back: Wall = "doors"
    upper_wall: Wall = "windows"
    lift: float = 0.0
    gable: float = 0.0
    plaster: bool = True
    dancheong: bool = True
    figures: int = 5
    ridge: float = 0.95
    tile: str = "giwa"
    clusters: int = 2
    row: float = ROW_M
    board: tuple[float, float] = (0.0, 0.0)
    letters: str = "seokhwang"


@dataclass(frozen=True)
class Hall:
    """A hall's shape beside its pavilion: tiers as (side, front, back, height) beyond the columns.

    `stair` is the width of the front stairs (0: none); `stone_rail` tiers from the lowest get balustrades.
    """

    tiers: tuple[tuple[float, float, float, float], ...] = ((1.6, 2.2, 1.6, 1.0),)
    stair: float = 4.0
    stone_rail: int = 0


def pavilion(shape: Pavilion, detail: int) -> Mesh:
    """The timber body with its roof or roofs, its floor at z = 0."""
    w, d = shape.size
    beam = 0.11 * shape.column + 0.15
    plate = shape.column + beam + shape.bracket
    if shape.storeys == 1:
        body = _storey(shape, shape.size, (0.0, shape.column), beam, (shape.wall, shape.back))
        return join([storey_mesh(body, detail), roof_mesh(_top_roof(shape, shape.size, plate), detail)])
    upper = (w - 2 * shape.setback, d - 2 * shape.setback)
    lower_body = _storey(shape, shape.size, (0.0, shape.column), beam, (shape.wall, shape.back))
    eave = plate + EAVE_EDGE_M - 0.35
    inset = shape.overhang + shape.setback
    meeting = eave + 0.58 * inset
    lower = Roof(
        "skirt",
        (w / 2 + shape.overhang, d / 2 + shape.overhang),
        eave,
        meeting,
        inset,
        (w / 2, d / 2),
        plate,
        lift=_lift(shape, w),
        reach=0.5 * _lift(shape, w),
        plaster=shape.plaster,
        ridge_height=0.7 * shape.ridge,
        figures=shape.figures,
        dancheong=shape.dancheong,
        tile=shape.tile,
        row=shape.row,
    )
    foot, head = meeting - 0.3, meeting + shape.upper
    upper_body = _storey(shape, upper, (foot, head), 0.8 * beam, (shape.upper_wall, shape.upper_wall))
    upper_plate = head + 0.8 * beam + shape.bracket
    roof = _top_roof(shape, upper, upper_plate)
    parts = [
        storey_mesh(lower_body, detail),
        roof_mesh(lower, detail),
        storey_mesh(upper_body, detail),
        roof_mesh(roof, detail),
    ]
    if shape.board[0] and detail < 2:
        parts.append(_name_board(shape, -upper[1] / 2 - BOARD_OUT_M, (meeting, upper_plate), detail))
    return join(parts)


def _name_board(shape: Pavilion, y: float, z: tuple[float, float], detail: int) -> Mesh:
    """A dark board in a frame; its three signs are told by their places, not by their strokes."""
    width, height = shape.board
    middle = (z[0] + z[1]) / 2
    quads = Quads()

    def plate(name: str, size: tuple[float, float], at: tuple[float, float], out: float) -> None:
        x, up = at
        (w, h), front = size, y - out
        quads.block(name, (x - w / 2, x + w / 2), (front, y + 0.1), (up - h / 2, up + h / 2), bottom=True)

    plate("samcheong", (width, height), (0.0, middle), 0.0)
    plate("shade", (width - 0.4, height - 0.4), (0.0, middle), 0.05)
    along = (max(width, height) - 0.4) / 3
    side = 0.62 * min(along, min(width, height) - 0.4)
    for k in (-1, 0, 1) if detail == 0 else ():
        at = (k * along, middle) if width > height else (0.0, middle + k * along)
        plate(shape.letters, (side, side), at, 0.09)
    return quads.mesh()


def _lift(shape: Pavilion, width: float) -> float:
    """The corner's rise: about a thirtieth of the front, at most 1.5 m, if the facts give none."""
    return shape.lift or min(1.5, 0.36 + 0.032 * width)


def _storey(
    shape: Pavilion, size: tuple[float, float], z: tuple[float, float], beam: float, wall: tuple[Wall, Wall]
) -> Storey:
    return Storey(
        size,
        shape.bays,
        z[0],
        z[1],
        z[1] + beam,
        z[1] + beam + shape.bracket,
        wall,
        column=min(0.42, 0.075 * shape.column),
        lean=min(0.95, 0.7 * shape.bracket),
        clusters=shape.clusters,
        dancheong=shape.dancheong,
    )


def _top_roof(shape: Pavilion, size: tuple[float, float], plate: float) -> Roof:
    w, d = size
    half = (w / 2 + shape.overhang, d / 2 + shape.overhang)
    lift = _lift(shape, w)
    insets = {
        "hip_gable": shape.gable or 0.46 * half[1],
        "hip": shape.gable or 0.8 * half[1],
        "gable": 0.0,
    }
    overhang_x = half[0] if shape.roof != "gable" else w / 2 + 1.3
    return Roof(
        shape.roof,
        (overhang_x, half[1]),
        plate + EAVE_EDGE_M - 0.35,
        shape.height - shape.ridge - 0.2,
        insets[shape.roof],
        (w / 2, d / 2),
        plate,
        lift=lift * (0.25 if shape.roof == "gable" else 1.0),
        reach=0.0 if shape.roof == "gable" else 0.5 * lift,
        plaster=shape.plaster,
        ridge_height=shape.ridge,
        figures=shape.figures,
        dancheong=shape.dancheong,
        tile=shape.tile,
        row=shape.row,
    )


def hall(body: Pavilion, shape: Hall, detail: int) -> Mesh:
    """A hall on its terraces; its height counts from the ground."""
    w, d = body.size
    parts, z = [], 0.0
    sides = [sum(tier[at] for tier in shape.tiers) for at in range(3)]
    below = -DEPTH_M
    for number, (side, front, back, rise) in enumerate(shape.tiers):
        x = w / 2 + sides[0]
        y = (-d / 2 - sides[1], d / 2 + sides[2])
        parts.append(terrace((-x, x), y, (below if number == 0 else z - 0.01, z + rise), detail))
        if shape.stair:
            run = 1.5 * rise
            parts.append(steps(0.0, shape.stair, (y[0], run), (z, z + rise), detail))
            if number < shape.stone_rail and detail == 0:
                parts += _rails(x - 0.3, (y[0] + 0.3, y[1] - 0.3), z + rise, shape.stair / 2 + 0.7)
        z += rise
        sides = [sides[0] - side, sides[1] - front, sides[2] - back]
    lowered = Pavilion(**{**body.__dict__, "height": body.height - z})
    return join([*parts, moved(pavilion(lowered, detail), z=z)])


def _rails(x: float, y: tuple[float, float], z: float, gap: float) -> list[Mesh]:
    courses = [
        [(-gap, y[0]), (-x, y[0]), (-x, y[1]), (x, y[1]), (x, y[0]), (gap, y[0])],
    ]
    return [railing(course, z, 0) for course in courses]
