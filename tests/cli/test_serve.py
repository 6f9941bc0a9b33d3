from __future__ import annotations

from pathlib import Path

import pytest

from smap.cli.main import main


def test_a_workspace_that_is_a_file_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main(["serve", "--workspace", str(file)]) == 2
    assert capsys.readouterr().err == f"smap serve: the workspace {file} is no folder\n"
