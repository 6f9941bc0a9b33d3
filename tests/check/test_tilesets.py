"""What the checker says of tilesets: one broken file for each fault."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smap.check import check_path
from smap.cli.main import main
from smap.errors import InputError
from smap.store import write_archive
from tests.check.stores import codes, document_of, write_store

TINY = {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]}

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no asset": ({"asset": None}, "TYPE_MISMATCH"),
    "no version": ({"asset": {}}, "PROPERTY_MISSING"),
    "no error": ({"geometricError": "x"}, "TYPE_MISMATCH"),
    "negative error": ({"root.geometricError": -1}, "VALUE_NOT_IN_RANGE"),
    "no root": ({"root": []}, "TYPE_MISMATCH"),
    "no refine": ({"root.refine": ...}, "TILE_REFINE_MISSING_IN_ROOT"),
    "refine": ({"root.refine": "KEEP"}, "VALUE_NOT_IN_LIST"),
    "no volume": ({"root.boundingVolume": {}}, "ANY_OF_ERROR"),
    "short box": ({"root.boundingVolume": {"box": [1, 2]}}, "ARRAY_LENGTH_MISMATCH"),
    "degrees": ({"root.boundingVolume": {"region": [126, 37, 127, 38, 0, 9]}}, "BOUNDING_VOLUME_INVALID"),
    "radius": ({"root.boundingVolume": {"sphere": [0, 0, 0, -1]}}, "BOUNDING_VOLUME_INVALID"),
    "transform": ({"root.transform": [0] * 15 + [1]}, "TRANSFORM_INVALID"),
    "both contents": ({"root.content": {"uri": "a"}, "root.contents": [{"uri": "b"}]}, "ONE_OF_ERROR"),
    "no uri": ({"root.content": {}}, "PROPERTY_MISSING"),
    "missing content": ({"root.content": {"uri": "1.glb"}}, "CONTENT_MISSING"),
    "climbing": ({"root.content": {"uri": "../tileset.json"}}, "CONTENT_MISSING"),
    "itself": ({"root.content": {"uri": "tileset.json"}}, "TILESET_RECURSION"),
    "child": ({"root.children": [3]}, "TYPE_MISMATCH"),
    "extension": ({"root.extensions": {"EXT_x": {}}}, "EXTENSION_FOUND_BUT_NOT_USED"),
    "required": ({"extensionsRequired": ["EXT_x"]}, "EXTENSION_REQUIRED_BUT_NOT_USED"),
    "content volume": (
        {"root.content": {"uri": "0/0.glb", "boundingVolume": TINY}},
        "BOUNDING_VOLUMES_INCONSISTENT",
    ),
    "small volume": ({"root.boundingVolume": TINY}, "CONTENT_OUTSIDE_VOLUME"),
    "metadata": ({"root.metadata": {"class": "a"}}, "METADATA_WITHOUT_SCHEMA"),
}


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for path, value in changes.items():
        *holders, key = path.split(".")
        place = document
        for holder in holders:
            place = place[holder]
        if value is ...:
            del place[key]
        else:
            place[key] = value
    return document


def test_a_sound_tileset_has_no_issue_in_a_folder_and_in_an_archive(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "folder", document_of())
    names = ("tileset.json", "0/0.glb")
    write_archive(tmp_path / "a.3tz", [(name, (folder / name).read_bytes()) for name in names])
    for path in (folder, folder / "tileset.json", tmp_path / "a.3tz"):
        report = check_path(path)
        assert report.issues == ()
        assert report.checked == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_code(tmp_path: Path, fault: str) -> None:
    changes, code = FAULTS[fault]
    report = check_path(write_store(tmp_path, changed(document_of(), changes)))
    assert code in codes(report)
    assert len(codes(report)) <= 2
    assert all(issue.path.startswith(("tileset.json", "0/0.glb")) for issue in report.issues)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"root.geometricError": 65.0}, "TILE_GEOMETRIC_ERRORS_INCONSISTENT"),
        ({"root.refine": "Add"}, "TILE_REFINE_WRONG_CASE"),
        ({"asset": {"version": "1.9"}}, "ASSET_VERSION_UNKNOWN"),
        ({"extensionsUsed": ["EXT_x"]}, "EXTENSION_USED_BUT_NOT_FOUND"),
        ({"root.content": {"uri": "https://example.com/a.glb"}}, "CONTENT_ELSEWHERE"),
    ],
)
def test_what_is_lawful_but_doubtful_is_a_warning(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    report = check_path(write_store(tmp_path, changed(document_of(), changes)))
    assert (codes(report), codes(report, "warning")) == (set(), {code})


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"a":NaN}', b"\xef\xbb\xbf{}", b"[" * 100_000])
def test_what_is_no_json_object_is_an_error(tmp_path: Path, data: bytes) -> None:
    assert codes(check_path(write_store(tmp_path, data))) <= {"JSON_INVALID", "TYPE_MISMATCH"}
    assert check_path(tmp_path).errors == 1


def test_an_external_tileset_is_walked_with_its_transform(tmp_path: Path) -> None:
    turn: np.ndarray[Any, np.dtype[np.float64]] = np.eye(4)
    turn[:3, 3] = (5.0, 0.0, 0.0)
    inner = document_of()
    inner["root"]["boundingVolume"] = inner["root"]["children"][0]["boundingVolume"]
    folder = write_store(tmp_path, inner)
    shutil.move(folder / "tileset.json", folder / "inner.json")
    outer = document_of()
    outer["root"] |= {"children": [], "content": {"uri": "inner.json"}}
    (folder / "tileset.json").write_text(json.dumps(outer))
    assert check_path(folder).issues == ()
    outer["root"]["transform"] = turn.T.ravel().tolist()
    (folder / "tileset.json").write_text(json.dumps(outer))
    assert check_path(folder).errors == 0
    outer["root"]["boundingVolume"] = {"region": [2.2, 0.6, 2.3, 0.7, 0.0, 30.0]}
    (folder / "tileset.json").write_text(json.dumps(outer))
    assert "CONTENT_OUTSIDE_VOLUME" in codes(check_path(folder))


def test_a_content_that_no_tile_refers_to_is_a_warning_in_an_archive(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "folder", document_of())
    files = [(name, (folder / name).read_bytes()) for name in ("tileset.json", "0/0.glb")]
    write_archive(tmp_path / "a.3tz", [*files, ("1.glb", files[1][1])])
    assert codes(check_path(tmp_path / "a.3tz"), "warning") == {"CONTENT_UNREACHED"}


def test_a_damaged_entry_of_an_archive_is_an_issue_and_the_rest_is_checked(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "folder", document_of())
    files = [(name, (folder / name).read_bytes()) for name in ("tileset.json", "0/0.glb")]
    write_archive(tmp_path / "a.3tz", files)
    data = (tmp_path / "a.3tz").read_bytes()
    for name in ("tileset.json", "0/0.glb"):
        at = data.index(name.encode()) + len(name) + 40
        (tmp_path / "a.3tz").write_bytes(data[:at] + bytes(9) + data[at + 9 :])
        report = check_path(tmp_path / "a.3tz")
        assert codes(report) == {"ENTRY_DAMAGED"}
        assert report.issues[0].path == name or report.issues[1].path == name


def test_many_tiles_are_shared_out_and_give_the_same_report(tmp_path: Path) -> None:
    document = document_of()
    leaf = document["root"]["children"][0]
    document["root"]["children"] = [leaf | {"content": {"uri": f"{i}.glb"}} for i in range(400)]
    folder = write_store(tmp_path / "folder", document)
    glb = (folder / "0" / "0.glb").read_bytes()
    files = [(f"{i}.glb", glb if i % 100 else b"no GLB") for i in range(400)]
    write_archive(tmp_path / "a.3tz", [("tileset.json", (folder / "tileset.json").read_bytes()), *files])
    steps: list[int] = []
    shared = check_path(tmp_path / "a.3tz", jobs=2, step=steps.append)
    assert shared == check_path(tmp_path / "a.3tz", jobs=1)
    assert shared.errors == 4
    assert sum(steps) == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places_in(item, (*path, key)))]


@given(data=st.data(), junk=JSON)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_junk_in_a_tileset_makes_the_checker_throw(tmp_path: Path, data: st.DataObject, junk: Any) -> None:
    document = document_of()
    place = data.draw(st.sampled_from(places_in(document)[1:]))
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = junk
    check_path(write_store(tmp_path, document))


def test_what_cannot_be_checked_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    for path, said in (("none", "no such"), ("a.txt", "only a folder"), ("", "neither")):
        with pytest.raises(InputError, match=said):
            check_path(tmp_path / path)


def test_the_verb_tells_one_json_object_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_store(tmp_path, document_of())
    assert main(["check", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"errors": 0, "warnings": 0, "checked": 2, "issues": []}
    (folder / "0" / "0.glb").unlink()
    assert main(["check", str(folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["issues"][0] == {
        "code": "CONTENT_MISSING",
        "severity": "error",
        "path": "tileset.json#/root/children/0/content/0",
        "message": "there is no '0/0.glb'",
    }
    assert main(["check", str(tmp_path / "none")]) == 2


# The corpus names a broken file by its fault; these few hold none, or only what is a warning there too
SOUND_BESIDES_VALID = {
    "assetVersionUnknown",
    "extensionNotNecessary_1_1_glTF",
    "extensionUsedButNotFound",
    "extrasUnexpectedType",
    "implicitTilingSubtreesUriTemplateVariableMissing",
    "implicitTilingValid",
    "tileChildrenEmptyArray",
    "tileGeometricErrorNotSmallerThanParentGeometricError",
    "tileRefineWrongCase",
}
# Two whose triangle lies out of its box, which the corpus does not mind, are passed over.
# Values of metadata against their schema, statistics, schemas elsewhere, archives as contents: not looked at
NOT_LOOKED_AT = ("tilesetMetadataEntity", "statistics", "SchemaFromUri", "SchemaUri", "3tz", "InvalidType")


@pytest.mark.real
def test_the_public_corpus_of_tilesets_is_judged_as_its_names_say(seoul_data: Path, tmp_path: Path) -> None:
    corpus = next((seoul_data / "interop" / "tiles3d").glob("*.tar.gz"))
    with tarfile.open(corpus) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "specs" / "data" / "tilesets"
    wrong, judged = [], 0
    for path in sorted(folder.glob("*.json")):
        name = path.stem
        if (
            name.startswith(("tilesetWithMultiple", "customSemantics", "tileContentBoundingVolumeWith"))
            or b'"refine"' not in path.read_bytes()
        ):
            continue
        report = check_path(path, jobs=1)
        if not report.errors and any(word in name for word in NOT_LOOKED_AT):
            continue
        judged += 1
        rest = name.removeprefix("validTileset")
        is_sound = name in SOUND_BESIDES_VALID or (
            name.startswith("valid") and "Invalid" not in rest and "Error" not in rest
        )
        if is_sound != (report.errors == 0):
            wrong.append(name)
    assert wrong == []
    assert judged > 80
