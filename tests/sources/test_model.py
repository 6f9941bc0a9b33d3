"""Models from GLB files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smap.errors import FormatError, InputError, SmapError
from smap.sources.model import read_model
from tests.build.hall import GREEN, RED, box, hall, write_glb

WHITE = (255, 255, 255, 255)


def test_x_is_east_y_is_up_and_z_is_south(tmp_path: Path) -> None:
    mesh = read_model(write_glb(tmp_path / "a.glb", [box((0, 0, 0), (1, 2, 3))])).mesh
    assert mesh.positions.min(axis=0).tolist() == [0.0, -3.0, 0.0]
    assert mesh.positions.max(axis=0).tolist() == [1.0, 0.0, 2.0]
    corners = mesh.positions[mesh.triangles]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tk,tk->t", outward, corners.mean(axis=1) - mesh.positions.mean(axis=0)) > 0).all()
    assert (np.einsum("tk,tk->t", outward, mesh.normals[mesh.triangles[:, 0]]) > 0).all()


def test_the_colours_of_several_materials_go_into_the_vertices(tmp_path: Path) -> None:
    parts = [box((0, 0, 0), (1, 1, 1), RED), box((2, 0, 0), (3, 1, 1), None) | {"material": 1}]
    materials = [{}, {"pbrMetallicRoughness": {"baseColorFactor": [0.2, 0.4, 0.6, 1.0]}}]
    mesh = read_model(write_glb(tmp_path / "a.glb", parts, {"materials": materials})).mesh
    assert np.unique(mesh.colors, axis=0).tolist() == [[51, 102, 153, 255], list(RED)]
    assert (mesh.colors[mesh.positions[:, 0] > 1.5] == [51, 102, 153, 255]).all()


def test_one_materials_colour_times_the_vertices_own(tmp_path: Path) -> None:
    half = [{"pbrMetallicRoughness": {"baseColorFactor": [0.5, 0.5, 0.5, 1.0]}, "doubleSided": True}]
    found = read_model(write_glb(tmp_path / "a.glb", [box((0, 0, 0), (1, 1, 1), GREEN)], {"materials": half}))
    assert np.unique(found.mesh.colors, axis=0).tolist() == [[10, 65, 45, 255]]
    assert found.both_sides


def test_parts_with_and_without_colours_of_their_own_keep_them(tmp_path: Path) -> None:
    parts = [box((0, 0, 0), (1, 1, 1), RED), box((2, 0, 0), (3, 1, 1), None)]
    mesh = read_model(write_glb(tmp_path / "a.glb", parts)).mesh
    assert np.unique(mesh.colors, axis=0).tolist() == [list(RED), list(WHITE)]


def test_a_mirrored_node_keeps_its_outside_outside(tmp_path: Path) -> None:
    nodes = {"nodes": [{"mesh": 0, "scale": [-1, 1, 1]}, {"children": [0]}], "scenes": [{"nodes": [1]}]}
    mesh = read_model(write_glb(tmp_path / "a.glb", [box((1, 0, 0), (2, 1, 1))], nodes)).mesh
    corners = mesh.positions[mesh.triangles]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tk,tk->t", outward, corners.mean(axis=1) - mesh.positions.mean(axis=0)) > 0).all()
    assert (np.einsum("tk,tk->t", outward, mesh.normals[mesh.triangles[:, 0]]) > 0).all()


def test_missing_normals_are_those_of_the_faces(tmp_path: Path) -> None:
    bare = {key: values for key, values in box((0, 0, 0), (1, 1, 1)).items() if key != "normals"}
    with_own = read_model(write_glb(tmp_path / "a.glb", [box((0, 0, 0), (1, 1, 1))])).mesh
    without = read_model(write_glb(tmp_path / "b.glb", [bare])).mesh
    np.testing.assert_allclose(
        without.normals[without.triangles], with_own.normals[with_own.triangles], atol=1e-6
    )


def test_a_texture_is_a_warning_that_says_what_to_do(tmp_path: Path) -> None:
    painted = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    found = read_model(write_glb(tmp_path / "a.glb", [box((0, 0, 0), (1, 1, 1))], {"materials": painted}))
    assert len(found.warnings) == 1
    assert "a.glb: 1 parts have a texture, which is not drawn" in found.warnings[0]


def test_lines_beside_triangles_are_a_warning(tmp_path: Path) -> None:
    path = write_glb(tmp_path / "a.glb", hall(2))
    body = path.read_bytes()
    path.write_bytes(body.replace(b'"material": 0}', b'"mode": 1    }', 1))
    assert "1 parts of points, lines" in read_model(path).warnings[0]


def no_file(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_gltf(path: Path) -> None:
    path.write_text('{"asset": {"version": "2.0"}}')


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def no_triangles(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"material": 0}', b'"mode": 1    }'))


def draco(path: Path) -> None:
    write_glb(path, hall(2), {"extensionsRequired": ["KHR_draco_mesh_compression"]})


def not_finite(path: Path) -> None:
    part = box((0, 0, 0), (1, 1, 1))
    write_glb(path, [part | {"positions": part["positions"]}])
    body = bytearray(path.read_bytes())
    start = 20 + int.from_bytes(body[12:16], "little") + 8
    body[start : start + 4] = np.array([np.nan], "<f4").tobytes()
    path.write_bytes(bytes(body))


@pytest.mark.parametrize(
    ("spoil", "error", "told"),
    [
        (no_file, InputError, "no such file"),
        (a_folder, InputError, "cannot be read: Is a directory"),
        (a_gltf, InputError, r"no GLB; .*\.glb"),
        (truncated, FormatError, "cut short: .* bytes of .*; copy it again"),
        (no_triangles, FormatError, "no triangles"),
        (draco, FormatError, "needs KHR_draco_mesh_compression"),
        (not_finite, FormatError, "not finite"),
    ],
)
def test_a_file_that_is_no_model_is_one_line_with_its_name(
    tmp_path: Path, spoil: Callable[[Path], None], error: type[SmapError], told: str
) -> None:
    path = write_glb(tmp_path / "broken.glb", hall(2))
    spoil(path)
    with pytest.raises(error, match=told) as refusal:
        read_model(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "size"), [("gangnyeongjeon", (0.303, 0.420, 0.150)), ("sajeongmun_full", (0.133, 0.112, 0.089))]
)
def test_real_scans_have_the_size_that_is_known_of_them(
    seoul_data: Path, name: str, size: tuple[float, float, float]
) -> None:
    """FACTS §6: 1:100; one is quantised with normalised integers, the other is not."""
    found = read_model(seoul_data / "models" / "gyeongbokgung" / f"{name}.glb")
    assert found.mesh.size == pytest.approx(size, abs=0.001)
    assert 0.2 < found.mesh.colors[:, :3].mean() / 255.0 < 0.8
