"""The command line as a whole: help, wrong use, and refusals in one line."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from smap.cli.main import VERBS, main
from tests.conftest import ROOT


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([verb, "--help"])
    assert left.value.code == 0
    assert f"usage: smap {verb}" in capsys.readouterr().out


def test_an_unknown_verb_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fly"])
    assert left.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


def test_a_refusal_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "no/such/file.geojson"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("smap inspect: ")
    assert error.count("\n") == 1
    assert "no/such/file.geojson" in error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_full_stdout_is_told_in_one_line(more: list[str]) -> None:
    source = ROOT / "content" / "alleys.geojson"
    words = [sys.executable, "-m", "smap.cli.main", "inspect", str(source), *more]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "smap inspect: cannot write to stdout: No space left on device\n"


def test_asking_for_help_loads_no_heavy_library() -> None:
    """GDAL, NumPy and Starlette wait until a verb needs them."""
    code = (
        "import sys; from smap.cli.main import main\n"
        "try: main(['build', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pyogrio', 'rasterio', 'starlette', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_constraints_hold_names_and_numbers_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in line and "://" not in line for line in lines if not line.startswith("#"))


def test_every_direct_dependency_is_pinned_by_the_constraints() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {_bare(need) for group in groups for need in group}
    pinned = {_bare(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert not wanted - pinned


def _bare(requirement: str) -> str:
    for mark in "=<>;[ ":
        requirement = requirement.partition(mark)[0]
    return requirement.lower().replace("_", "-")


def test_a_mistyped_workspace_is_not_made_by_clearing_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gc", "--workspace", str(tmp_path / "typo")]) == 2
    assert "no such folder" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()
