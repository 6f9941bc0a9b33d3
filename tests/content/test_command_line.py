from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path

import pytest

from smap.cli.main import main
from tests.content.samples import place


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMAP_WORKSPACE", str(tmp_path / "var"))
    return tmp_path / "var"


def write(path: Path, *features: object) -> str:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def test_a_file_is_imported_listed_frozen_and_exported(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.geojson", place())
    assert main(["content", "import", file, "--layer", "heritage", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out.splitlines()[-1])
    told = {"read": 1, "written": 1, "updated": 0, "skipped": 0, "refused": {}}
    assert counts == told | {"records": 1, "completed": 0, "mended": {}, "import": 1}
    assert main(["content", "publish", "--json"]) == 0
    published = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (workspace / "content" / published["content"] / "heritage.geojson").is_file()
    assert (
        main(["content", "export", "--layer", "heritage", str(tmp_path / "out.csv"), "--format", "csv"]) == 0
    )
    assert "종묘" in (tmp_path / "out.csv").read_text("utf-8-sig")
    assert main(["content", "backup", str(tmp_path / "copy.db")]) == 0
    assert main(["content", "reindex"]) == 0
    assert main(["content", "audit"]) == 0
    assert "import\theritage\t1 written" in capsys.readouterr().out


def test_an_export_that_fails_leaves_the_old_file(
    workspace: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = write(tmp_path / "a.geojson", place())
    assert main(["content", "import", file, "--layer", "heritage"]) == 0
    out = tmp_path / "out" / "heritage.csv"
    out.parent.mkdir()
    out.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("smap.store.release.os.fsync", full)
    assert main(["content", "export", "--layer", "heritage", str(out), "--format", "csv"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in out.parent.iterdir()] == [("heritage.csv", "old")]
    assert main(["content", "export", "--layer", "heritage", "/dev/full"]) == 2
    assert main(["content", "export", "--layer", "heritage", str(tmp_path / "none" / "x.csv")]) == 2


def test_a_dry_run_creates_nothing(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.geojson", place())
    assert main(["content", "import", file, "--layer", "heritage", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == 1
    assert not workspace.exists()


def test_refused_features_are_listed_and_the_exit_code_says_so(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.geojson", place(), place("b", 37.5, 127.0))
    assert main(["content", "import", file, "--layer", "heritage", "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["refused"] == {"swapped_coordinates": 1}
    assert "feature 2 (b): geometry: the position 37.5, 127.0 has lat and lon swapped" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "absent.geojson", "--layer", "heritage"], "cannot read absent.geojson"),
        (["import", "absent.geojson", "--layer", "shops"], "no layer 'shops'"),
        (["publish"], "smap content import"),
        (["export", "--layer", "heritage"], "smap content import"),
    ],
)
def test_wrong_use_is_one_line_and_creates_nothing(
    workspace: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["content", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not workspace.exists()


def test_an_account_is_made_with_the_password_from_stdin(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert main(["user", "add", "kim", "--role", "editor", "--password-stdin"]) == 0
    assert "kim may now sign in as editor" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert main(["user", "add", "kim", "--role", "editor", "--password-stdin"]) == 2
    assert "already an account 'kim'" in capsys.readouterr().err


def test_the_password_is_asked_twice(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["correct horse battery", "correct horse buttery"] + ["correct horse battery"] * 2)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert main(["user", "add", "kim", "--role", "admin"]) == 2
    assert "the two passwords differ" in capsys.readouterr().err
    assert main(["user", "add", "kim", "--role", "admin"]) == 0


def test_a_short_password_is_refused_with_the_reason_and_nothing_is_made(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["user", "add", "kim", "--role", "editor", "--password-stdin"]) == 2
    assert "5 characters: give at least 12" in capsys.readouterr().err
    assert not workspace.exists()
