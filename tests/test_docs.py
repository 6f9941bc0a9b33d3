"""The papers of the house are true: links lead somewhere, sizes are kept, sources are counted."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.secrets import secrets_in

LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
OSM = re.compile("openstreetmap", re.IGNORECASE)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    missing = [t for t in targets if not (page.parent / t).exists()]
    assert not missing


def test_the_architecture_fits_on_150_lines() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_architecture_names_every_room() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {p.parent.name for p in (ROOT / "smap").glob("*/__init__.py")}
    assert not {room for room in rooms if f"smap/{room}/" not in page}


def test_no_file_of_code_is_longer_than_400_lines() -> None:
    code = tracked("*.py", "*.ts", "*.tsx")
    long = {str(p.relative_to(ROOT)): n for p in code if (n := p.read_bytes().count(b"\n")) > 400}
    assert not long


def test_fewer_than_100_points_come_from_openstreetmap() -> None:
    points = sum(_osm_points(json.loads(p.read_text(encoding="utf-8"))) for p in tracked("content/*.geojson"))
    points += sum(
        _osm_facts(tomllib.loads(path.read_text("utf-8"))) for path in tracked("tiles/sample/*.toml")
    )
    assert 0 < points < 100


def _osm_facts(fact: object) -> int:
    """The points of a table of facts, and of all that it holds, whose source is OpenStreetMap."""
    if isinstance(fact, list):
        return sum(_osm_facts(one) for one in fact)
    if not isinstance(fact, dict):
        return 0
    own = len(fact.get("points", [0])) if OSM.search(str(fact.get("source", ""))) else 0
    return own + sum(_osm_facts(one) for one in fact.values())


def _osm_points(collection: dict[str, list[dict[str, dict[str, object]]]]) -> int:
    count = 0
    for feature in collection["features"]:
        properties = feature["properties"]
        vertices = properties.get("vertices")
        if isinstance(vertices, list):
            count += sum(bool(OSM.search(v["source"])) for v in vertices)
        else:
            count += bool(OSM.search(str(properties["position_source"])))
    return count


def test_the_secret_scan_finds_what_it_is_for() -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    assert secrets_in(f"a\nkey = {key}") == [(2, "an AWS key")]
    assert secrets_in("-----BEGIN RSA " + "PRIVATE KEY-----") == [(1, "a private key")]
    assert not secrets_in("password = ask()")
