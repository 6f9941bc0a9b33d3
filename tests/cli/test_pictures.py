from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smap.cli.main import main
from smap.cli.pictures import BEST_QUALITY, MOST_BYTES, SIZE, packed
from tests.server.city import fill_content, publish_city

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def png(noise: int) -> bytes:
    """A picture of a slope, strewn with noise of so much: the more, the harder to pack."""
    width, height = SIZE
    slope = np.linspace(0, 200, width)[None, :, None] + np.zeros((height, 1, 3))
    strewn = slope + np.random.default_rng(1).integers(0, noise + 1, slope.shape)
    body = io.BytesIO()
    Image.fromarray(strewn.clip(0, 255).astype(np.uint8)).save(body, "PNG")
    return body.getvalue()


@pytest.mark.parametrize(("noise", "best"), [(0, True), (40, False)])
def test_a_picture_is_as_good_as_its_bytes_allow(noise: int, best: bool) -> None:
    body, quality = packed(png(noise))
    assert len(body) <= MOST_BYTES
    assert (quality == BEST_QUALITY) == best
    with Image.open(io.BytesIO(body)) as image:
        assert (image.format, image.size) == ("WEBP", SIZE)


def test_a_name_of_no_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish_city(tmp_path)
    fill_content(tmp_path, NOW)
    words = ["--workspace", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(["pictures", *words, "heritage/nowhere"]) == 2
    assert "heritage/nowhere is no published record" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_city_that_was_not_built_is_not_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill_content(tmp_path, NOW)
    assert main(["pictures", "--workspace", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "has no release yet" in capsys.readouterr().err


def test_what_has_a_picture_is_not_taken_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No browser is opened where nothing is missing."""
    publish_city(tmp_path)
    fill_content(tmp_path, NOW)
    (tmp_path / "out" / "heritage").mkdir(parents=True)
    for name in ("sungnyemun", "heunginjimun"):
        (tmp_path / "out" / "heritage" / f"{name}.webp").write_bytes(b"here")
    assert main(["pictures", "--workspace", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.startswith("0 pictures")
