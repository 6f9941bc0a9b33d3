"""The sample through the ordinary pipeline: the middle of each era builds and holds no error."""

from __future__ import annotations

from pathlib import Path

import pytest

from smap.cli.main import main
from smap.sample.facts import ERAS

MIDDLE = "clip = [126.972, 37.563, 126.985, 37.576]"


@pytest.mark.parametrize("era", ERAS)
def test_each_era_builds_and_the_check_finds_no_error(
    written: Path, tmp_path: Path, era: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = (written / f"buildings_{era}.toml").read_text(encoding="utf-8")
    # the era is no matter of the geometry; a raster as ground and a part of the city keep this short
    short = recipe.replace(f'era = "{era}"\n', "").replace('"ground.toml"', '"ground.tif"')
    cut = written / f"middle_{era}.toml"
    cut.write_text(short.replace("[source.fields]", f"{MIDDLE}\n\n[source.fields]"), encoding="utf-8")
    try:
        assert main(["build", str(cut), "--out", str(tmp_path / "out"), "--workspace", str(tmp_path)]) == 0
        assert main(["check", str(tmp_path / "out" / f"sample-buildings-{era}.3tz"), "--json"]) == 0
    finally:
        cut.unlink()
    assert '"errors": 0' in capsys.readouterr().out
