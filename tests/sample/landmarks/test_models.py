"""The landmarks' models: closed to the eye, as large as written, within their budgets, always the same."""

from __future__ import annotations

import hashlib
import json
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

from smap.formats.glb import decode_glb
from smap.sample.landmarks import write_landmark, write_recipes
from smap.sample.landmarks.facts import Landmark, read_landmarks
from smap.sample.landmarks.forms import build
from smap.scene.solids import Floats, Mesh
from tests.conformance.judges import judge_glbs
from tests.conftest import ROOT

FACTS = ROOT / "tiles" / "sample"
LANDMARKS = read_landmarks(FACTS / "landmarks.toml")
TIMBER = {"hall", "gate", "pillared_pavilion", "shrine", "corridors", "flanked_hall", "pond_tent"}
FINIALS_M = 0.95  # how far the ridge's ends (취두) and a tent's knob stand over the main ridge
GATE_POSTS_M = 4.0  # of the spiked gates over the altars of Sajikdan, whose own height is written
FINEST = 12_500
SMALL = (520, 260)  # a model below so many triangles need not shrink further


def write_all(out: Path) -> None:
    for landmark in LANDMARKS:
        write_landmark(landmark, out)
    write_recipes(LANDMARKS, out)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("landmarks")
    write_all(out)
    return out


@pytest.fixture(scope="module")
def models() -> dict[str, list[Mesh]]:
    return {one.id: [build(one, detail) for detail in range(3)] for one in LANDMARKS}


def _normals(mesh: Mesh) -> Floats:
    a, b, c = (mesh.positions[mesh.triangles[:, at]] for at in range(3))
    cross = np.cross(b - a, c - a)
    return np.asarray(cross / np.linalg.norm(cross, axis=1, keepdims=True))


def test_every_vertex_is_finite_and_every_triangle_has_an_area(models: dict[str, list[Mesh]]) -> None:
    for name, details in models.items():
        for mesh in details:
            assert np.isfinite(mesh.positions).all(), name
            assert np.isfinite(mesh.normals).all(), name
            assert np.isfinite(_normals(mesh)).all(), name


def test_normals_look_where_the_triangle_s_front_looks(models: dict[str, list[Mesh]]) -> None:
    for name, details in models.items():
        for mesh in details:
            flat = _normals(mesh)
            along = np.einsum("nk,nck->nc", flat, mesh.normals[mesh.triangles])
            # a coarse smooth shell has normals that lean over the edge of some of its few triangles
            assert (along > 0.0).mean() > 0.97, (name, float((along > 0.0).mean()))


@pytest.mark.parametrize("detail", range(3))
def test_from_above_and_around_only_fronts_are_seen(models: dict[str, list[Mesh]], detail: int) -> None:
    """Rays from outside toward points of the model meet a front first: no hole, no sheet turned."""
    random = np.random.default_rng(7)
    wrong = {}
    for name, details in models.items():
        share = _backs_seen(details[detail], random)
        if share > 0.02:  # a ray may slip through the joint of two solids that only touch
            wrong[name] = round(share, 3)
    assert not wrong


def _backs_seen(mesh: Mesh, random: np.random.Generator, rays: int = 60) -> float:
    a, b, c = (mesh.positions[mesh.triangles[:, at]] for at in range(3))
    up = (a[:, 2] > 0) & (b[:, 2] > 0) & (c[:, 2] > 0)
    weight = np.linalg.norm(np.cross(b - a, c - a), axis=1) * up + 1e-12
    chosen = random.choice(len(a), rays, p=weight / weight.sum())
    share = random.dirichlet([1.0, 1.0, 1.0], rays)
    target = share[:, :1] * a[chosen] + share[:, 1:2] * b[chosen] + share[:, 2:] * c[chosen]
    azimuth, elevation = random.uniform(0, 2 * np.pi, rays), np.radians(random.uniform(8, 80, rays))
    flat = np.cos(elevation)
    back = np.stack([np.cos(azimuth) * flat, np.sin(azimuth) * flat, np.sin(elevation)], 1)
    origin = target + back * 500.0
    first = [_first_hit(a, b, c, o, -d) for o, d in zip(origin, back, strict=True)]
    return float(np.mean([front < 0 for front in first]))


def _first_hit(a: Floats, b: Floats, c: Floats, origin: Floats, ray: Floats) -> float:
    """1 when the nearest triangle on the ray (Möller, Trumbore 1997) shows its front, −1 its back, 0 none."""
    e1, e2 = b - a, c - a
    p = np.cross(ray, e2)
    det = np.einsum("nk,nk->n", e1, p)
    ok = np.abs(det) > 1e-12
    inv = 1.0 / np.where(ok, det, 1.0)
    t = origin - a
    u = np.einsum("nk,nk->n", t, p) * inv
    q = np.cross(t, e1)
    v = q @ ray * inv
    far = np.einsum("nk,nk->n", e2, q) * inv
    hit = ok & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (far > 0)
    if not hit.any():
        return 0.0
    return float(np.sign(det[np.where(hit, far, np.inf).argmin()]))


def test_a_model_is_as_high_as_written_and_reaches_into_the_ground(models: dict[str, list[Mesh]]) -> None:
    for one in LANDMARKS:
        over = FINIALS_M if one.form in TIMBER else GATE_POSTS_M if one.form == "altar" else 0.3
        low, high = models[one.id][0].positions[:, 2].min(), models[one.id][0].positions[:, 2].max()
        assert -0.3 <= high - one.height_m <= over, (one.id, high, one.height_m)
        assert low == pytest.approx(-3.0, abs=0.01), one.id  # the model's contract


def test_a_model_is_as_wide_as_written(models: dict[str, list[Mesh]]) -> None:
    for one in LANDMARKS:
        size = np.ptp(models[one.id][0].positions[:, :2], axis=0)
        if one.form in {"mast_tower", "wave", "shell", "church", "pagoda", "ringed_tower"}:
            assert size == pytest.approx(np.array(one.size_m), rel=0.06), one.id
        elif (
            one.form != "triumphal_arch"
        ):  # eaves, terraces, podiums go beyond what is written, nothing falls short
            assert (size >= np.array(one.size_m) - 0.3).all(), (one.id, size)


def test_each_detail_keeps_its_budget(models: dict[str, list[Mesh]]) -> None:
    for one in LANDMARKS:
        finest, middle, coarsest = (len(mesh.triangles) for mesh in models[one.id])
        assert finest <= FINEST or one.id == "geunjeongjeon-corridors", (one.id, finest)  # 440 m of roof
        assert finest <= 16_000, one.id
        assert middle <= max(0.4 * finest, SMALL[0]), (one.id, finest, middle)
        assert coarsest <= max(0.4 * middle, SMALL[1]), (one.id, middle, coarsest)


def test_the_details_of_a_model_fill_the_same_space(models: dict[str, list[Mesh]]) -> None:
    for name, details in models.items():
        finest = details[0].positions
        for mesh in details[1:]:
            slack = 0.04 * np.ptp(finest, axis=0).max() + 0.5  # ridges' ends, finials and rails are left out
            assert (np.abs(mesh.positions.max(0) - finest.max(0)) < slack + 1.6).all(), name
            assert (np.abs(mesh.positions.min(0) - finest.min(0)) < slack + 1.6).all(), name


def test_the_front_looks_to_plus_z_and_up_is_plus_y(written: Path) -> None:
    """Geunjeongjeon's long terrace lies before its front; its ridge is its highest part."""
    place = json.loads(
        (written / "landmarks" / "geunjeongjeon.glb").read_bytes()[20:].split(b"\x00")[0].rpartition(b"}")[0]
        + b"}"
    )
    low, high = place["accessors"][0]["min"], place["accessors"][0]["max"]
    assert high[2] > -low[2] + 5
    assert high[1] == pytest.approx(27.4, abs=1.0)
    assert low[1] == pytest.approx(-3.0, abs=0.01)


def test_a_model_is_plain_gltf_with_colours_and_normals(written: Path) -> None:
    for path in sorted((written / "landmarks").glob("*.glb")):
        tile = decode_glb(path.read_bytes())
        assert tile.normals is not None
        assert tile.colors is not None
        assert tile.material.metallic == 0.0
        assert tile.material.roughness == pytest.approx(0.9)
        assert b"extensionsUsed" not in path.read_bytes()[:4000]


@pytest.mark.conformance
def test_the_validator_finds_no_fault(written: Path) -> None:
    files = sorted((written / "landmarks").glob("*.glb"))
    verdict = judge_glbs([(path.name, path.read_bytes()) for path in files])
    assert (verdict.judged, verdict.errors, verdict.warnings, verdict.faults) == (
        3 * len(LANDMARKS),
        0,
        0,
        {},
    )


def test_the_same_facts_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    def digest(folder: Path) -> dict[str, str]:
        files = sorted(folder.rglob("*.*"))
        return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.is_file()}

    start = time.process_time()
    write_all(tmp_path)
    assert time.process_time() - start < 8.0  # the sample's budget on one core
    assert digest(tmp_path) == digest(written)


def test_the_recipes_place_every_landmark_in_its_eras(written: Path) -> None:
    placed: dict[str, list[str]] = {}
    for name, era in (("landmarks", None), ("landmarks_today", "today"), ("landmarks_hanyang", "hanyang")):
        recipe = tomllib.loads((written / f"{name}.toml").read_text(encoding="utf-8"))
        assert recipe["tileset"]["kind"] == "models"
        assert recipe["tileset"].get("era") == era
        for source in recipe["source"]:
            assert all((written / path).is_file() for path in [source["path"], *source["coarser"]])
            placed.setdefault(source["properties"]["id"], []).append(name)
            assert _as_written(source, next(one for one in LANDMARKS if one.id == source["properties"]["id"]))
    assert sorted(placed) == sorted(one.id for one in LANDMARKS)
    assert all(len(names) == 1 for names in placed.values())


def _as_written(source: dict[str, dict[str, object]], one: Landmark) -> bool:
    place, said = source["place"], source["properties"]
    return (
        (place["lon"], place["lat"], place["heading"]) == (one.lon, one.lat, one.heading_deg)
        and place["height"] == "ground"
        and place["scale"] == 1.0
        and (said["name"], said["name_en"], said["height"]) == (one.name, one.name_en, one.height_m)
        and said.get("content") == one.content
    )
