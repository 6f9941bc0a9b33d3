"""What is written of the precincts: every file placed, the same again, no tree where none may stand."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.sample.precinct import read_precincts, write_precincts
from smap.sample.precinct.floor import CELLS_M, LAP_M
from smap.sample.precinct.write import PAVED_M, Piece, _sheets, pieces
from smap.sample.write import City, treeless
from smap.scene.solids import Mesh
from tests.sample.conftest import FACTS

FEW = ("deoksugung", "sungnyemun")
MOST = 17_000  # of one piece: about 170 kB


@pytest.fixture(scope="module")
def few(city: City) -> dict[str, list[Piece]]:
    closed = treeless(city, FACTS)
    chosen = [p for p in read_precincts(FACTS) if p.id in FEW]
    return {p.id: list(pieces(p, city.facts.plane, city.ground, closed)) for p in chosen}


def test_every_piece_keeps_its_budget_and_shrinks(few: dict[str, list[Piece]]) -> None:
    for found in few.values():
        for piece in found:
            finest, *_, coarsest = (len(mesh.triangles) for mesh in piece.meshes)
            assert finest <= MOST
            assert coarsest < 0.5 * finest or piece.kind == "floor"


def test_all_that_is_drawn_is_finite_and_lies_about_its_place(few: dict[str, list[Piece]]) -> None:
    for piece in (piece for found in few.values() for piece in found):
        for mesh in piece.meshes:
            assert np.isfinite(mesh.positions).all()
            assert np.isfinite(mesh.normals).all()
            assert np.abs(mesh.positions[:, :2]).max() < 330.0


def test_pieces_of_a_floor_make_the_whole_of_it(city: City) -> None:
    (square,) = (p for p in read_precincts(FACTS) if p.id == "gwanghwamun-square")
    plane, ground = city.facts.plane, city.ground
    found = [p for p in pieces(square, plane, ground, shapely.Polygon()) if p.kind == "floor"]
    assert len(found) > 3
    lapped = (shapely.buffer(sheet.shape, LAP_M, join_style="mitre") for sheet in _sheets(square))
    whole = sum(shapely.area(shape) for shape in lapped)
    for meshes in zip(*(p.meshes for p in found), strict=True):
        assert sum(_area(mesh) for mesh in meshes) == pytest.approx(whole, rel=1e-4)
    for piece in found:
        wide, deep, _ = np.ptp(piece.meshes[0].positions, axis=0).tolist()
        assert max(wide, deep) <= PAVED_M + CELLS_M[1]


def _area(mesh: Mesh) -> float:
    """Of the triangles that look up, seen from above."""
    a, b, c = (mesh.positions[mesh.triangles[:, k], :2] for k in range(3))
    (px, py), (qx, qy) = (b - a).T, (c - a).T
    return float(np.maximum(px * qy - py * qx, 0.0).sum() / 2)


def test_no_tree_stands_on_a_landmark_or_a_wall(city: City, few: dict[str, list[Piece]]) -> None:
    closed = treeless(city, FACTS)
    shapely.prepare(closed)
    for one in (p for p in read_precincts(FACTS) if p.id in FEW):
        for piece in (piece for piece in few[one.id] if piece.kind == "trees"):
            mesh = piece.meshes[0]
            low = mesh.positions[:, 2] < np.median(mesh.positions[:, 2]) - 4.0
            at = one.to_plane(mesh.positions[low][:, :2] + piece.at, city.facts.plane)
            assert not shapely.contains_xy(shapely.buffer(closed, -1.0), at[:, 0], at[:, 1]).any()


def test_recipes_place_every_file_and_the_same_facts_give_the_same_bytes(city: City, tmp_path: Path) -> None:
    chosen = [p for p in read_precincts(FACTS) if p.id in FEW]
    digests = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        recipes = write_precincts(chosen, city.facts.plane, city.ground, shapely.Polygon(), folder)
        named = set()
        for recipe in recipes:
            stored = tomllib.loads(recipe.read_text(encoding="utf-8"))
            assert stored["tileset"].get("era") == "today"
            named |= {folder / file for s in stored["source"] for file in [s["path"], *s["coarser"]]}
        assert named == set(folder.glob("precincts/*.glb"))
        digests.append({f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(named)})
    assert digests[0] == digests[1]
