"""`smap pictures` with a real browser: what it takes today is what was shipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import ROOT

NAME = "heritage/sungnyemun"


def grey(path: Path) -> NDArray[np.float64]:
    with Image.open(path) as image:
        assert (image.format, image.size) == ("WEBP", (640, 400))
        return np.asarray(image.convert("L").resize((64, 40), Image.Resampling.BOX), np.float64)


def test_the_picture_of_a_record_is_taken_again_as_it_was(city_workspace: Path, tmp_path: Path) -> None:
    """A mean difference of 4 grey levels tells two pictures apart (tests/content_files/test_pictures.py)."""
    words = ["pictures", "--workspace", str(city_workspace), "--out", str(tmp_path), NAME]
    command = [sys.executable, "-m", "smap.cli.main", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{NAME} ")
    taken = tmp_path / f"{NAME}.webp"
    assert taken.stat().st_size <= 20_000
    assert np.abs(grey(taken) - grey(ROOT / "content" / "pictures" / f"{NAME}.webp")).mean() < 4.0
