"""Staging: whole or not at all."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from smap.build.staging import check_out, place, place_into, staging, told_in_one_line
from smap.errors import InterruptedWorkError, StorageError, UsageError


def finished(folder: Path, text: str = "new") -> Path:
    folder.mkdir(parents=True)
    for name in ("a.3tz", "manifest.json"):
        (folder / name).write_text(text)
    return folder


def test_a_failed_build_leaves_nothing_not_even_the_folders_it_made(tmp_path: Path) -> None:
    def fail() -> None:
        with staging(tmp_path / "var" / "builds", "x") as stage:
            (stage / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_placed_build_stays(tmp_path: Path) -> None:
    with staging(tmp_path / "builds", "x") as stage:
        (stage / "whole").write_text("whole")
        place(stage, tmp_path / "builds" / "v1")
    assert [path.name for path in (tmp_path / "builds").iterdir()] == ["v1"]


def test_what_a_killed_build_left_is_cleared_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        dead, alive = tmp_path / f".x.{gone.pid}.part", tmp_path / f".y.{living.pid}.part"
        finished(dead)
        finished(alive)
        with staging(tmp_path, "z"):
            assert not dead.exists()
            assert alive.exists()
        living.communicate(b"\n")


def test_the_same_version_again_replaces_its_files(tmp_path: Path) -> None:
    target = finished(tmp_path / "v1", "old")
    place(finished(tmp_path / "stage"), target)
    assert (target / "a.3tz").read_text() == "new"


def test_what_else_lies_in_out_stays(tmp_path: Path) -> None:
    out = finished(tmp_path / "out", "old")
    (out / "notes.txt").write_text("mine")
    place_into(finished(tmp_path / "stage"), out, "manifest.json")
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "a.3tz": "new",
        "manifest.json": "new",
        "notes.txt": "mine",
    }


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_absent_out_becomes_the_build(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "out").mkdir()
    check_out(tmp_path / "out", force=False)
    place_into(finished(tmp_path / "stage"), tmp_path / "out", "manifest.json")
    assert (tmp_path / "out" / "manifest.json").exists()


def test_an_out_that_is_not_empty_needs_force(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    check_out(tmp_path / "out", force=True)
    with pytest.raises(UsageError, match="not empty"):
        check_out(tmp_path / "out", force=False)
    with pytest.raises(UsageError, match="a file stands there"):
        check_out(tmp_path / "out" / "a.3tz", force=True)


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        (KeyboardInterrupt(), InterruptedWorkError, "interrupted"),
        (MemoryError(), StorageError, "memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/a"), StorageError, "/x/a: the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), StorageError, "/x: Permission denied"),
    ],
)
def test_faults_of_the_machine_are_told_in_one_line(
    fault: BaseException, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told), told_in_one_line():
        raise fault


def test_a_stage_inside_a_stage_leaves_the_outer_one(tmp_path: Path) -> None:
    with staging(tmp_path, "x") as outer:
        with staging(tmp_path, "y"):
            pass
        assert outer.is_dir()


def test_an_out_that_is_a_link_to_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    place_into(finished(tmp_path / "stage"), tmp_path / "out", "manifest.json")
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["a.3tz", "manifest.json"]
