"""The report of a build of buildings: a page that needs nothing, the same as JSON, and the names."""

from __future__ import annotations

import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build import pipeline
from smap.build.page import as_page
from smap.build.page_charts import city_map, stacked_bars
from smap.build.page_words import words_of
from smap.build.progress import SilentProgress
from smap.build.report import BuildReport
from smap.build.report_city import HEIGHT_STEPS_M, CityReport, DrawnTile, Problem, Spots, histogram
from tests.build.town import FEATURES, SOUTH, STEP, WEST, Feature, house, recipe_text, write_town

HOSTILE = '<script>alert(1)</script>"&'
MASK = '[[mask]]\npath = "mask.geojson"\naction = "{action}"\n'


def build(folder: Path, features: list[Feature], more: str = "") -> BuildReport:
    blank = {"called": None, "called_en": None}
    write_town(folder, [one | {"properties": blank | one["properties"]} for one in features])
    text = recipe_text(more).replace('id = "key"', 'id = "key"\nname = "called"\nname_en = "called_en"')
    (folder / "town.toml").write_text(text, encoding="utf-8")
    return pipeline.build(folder / "town.toml", workspace=folder / "var", progress=SilentProgress(), jobs=1)


def page_of(report: BuildReport) -> str:
    return (Path(report.out) / "report.html").read_text(encoding="utf-8")


def names_of(report: BuildReport) -> list[dict[str, Any]]:
    lines = (Path(report.out) / "names.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class _Tags(HTMLParser):
    """Every tag with its attributes, and that each is closed in its turn."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.met: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    tags = _Tags()
    tags.feed(page_of(build(tmp_path, FEATURES)))
    assert tags.open == []
    assert not {"script", "link", "img", "iframe", "object", "use"} & {tag for tag, _ in tags.met}
    assert not [a for _, attributes in tags.met for a in attributes if a in ("src", "href") or a[:2] == "on"]
    assert "url(" not in page_of(build(tmp_path, FEATURES))


def test_what_data_says_is_never_markup(tmp_path: Path) -> None:
    features = [house(0, key=HOSTILE, tall=-2.0, called=HOSTILE), house(1)]
    page = page_of(build(tmp_path, features))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_and_json_tell_each_fault_with_its_place_and_value(tmp_path: Path) -> None:
    wrong = [house(0, tall=0.0), house(1, tall=-2.5), house(2, tall=900.0), house(3, tall=30.0, levels=25)]
    wrong += [house(4, levels=0), house(5, levels=-1), house(6, levels=300), house(7, key=None)]
    report = build(tmp_path, [*wrong, house(8), house(8, key="twin")])
    assert report.city is not None
    told = {problem["code"]: problem for problem in report.city["problems"]}
    assert {code: problem["count"] for code, problem in told.items()} == {
        "dropped_duplicate": 1,
        "height_blank": 5,
        "height_zero": 1,
        "height_negative": 1,
        "height_above_600_m": 1,
        "floors_zero": 1,
        "floors_negative": 1,
        "floors_above_600_m": 1,
        "floors_against_height": 1,
        "id_blank_or_double": 1,
    }
    example = told["height_negative"]["examples"][0]
    assert (example["id"], example["value"]) == ("h1", "-2.5")
    assert example["lon"] == pytest.approx(WEST + STEP, abs=2e-4)
    assert example["lat"] == pytest.approx(SOUTH, abs=2e-4)
    assert told["floors_against_height"]["examples"][0]["value"] == "30 m, 25"
    assert told["dropped_duplicate"]["examples"][0]["id"] == "twin"
    page = page_of(report)
    for code, problem in told.items():
        assert words_of(code)[0] in page
        assert all(str(e["id"]) in page for e in problem["examples"] if e["id"])


def test_the_json_beside_the_page_is_what_the_command_prints(tmp_path: Path) -> None:
    report = build(tmp_path, FEATURES)
    beside = json.loads((Path(report.out) / "report.json").read_text(encoding="utf-8"))
    printed = json.loads(json.dumps(report.as_json()))
    assert beside == {key: value for key, value in printed.items() if key not in ("bytes", "out")}


def test_the_counts_of_the_page_add_up(tmp_path: Path) -> None:
    report = build(tmp_path, FEATURES)
    assert report.city is not None
    assert sum(map(sum, report.city["heights"].values())) == report.features_built
    assert sum(level["tiles"] for level in report.city["levels"]) == report.tiles
    with zipfile.ZipFile(Path(report.out) / "town.3tz") as archive:
        stored = sum(i.compress_size for i in archive.infolist() if i.filename.endswith(".glb"))
    assert sum(level["bytes"] for level in report.city["levels"]) == stored


@pytest.mark.parametrize("action", ["drop", "block"])
def test_nothing_of_what_a_mask_covers_stands_in_any_file_of_the_report(tmp_path: Path, action: str) -> None:
    secret = house(95, key="SECRET-KEY", called="SECRET-NAME", tall=-777.0, levels=-55)
    twin = house(95, key="SECRET-TWIN", called="SECRET-NAME", tall=-777.0, levels=-55)
    area = house(95) | {"properties": {}}
    (tmp_path / "mask.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [area]}))
    rest = [house(i, called=f"house {i}") for i in range(60)]
    report = build(tmp_path, [secret, twin, *rest], MASK.format(action=action))
    lat = SOUTH + STEP * 9  # farther north than all others
    for name in ("report.html", "report.json", "report.txt", "manifest.json", "names.ndjson"):
        text = (Path(report.out) / name).read_text(encoding="utf-8")
        assert "SECRET" not in text
        assert "777" not in text
        assert "-55" not in text
        assert f"{lat:.4f}" not in text or name == "manifest.json"  # whose bbox holds what is drawn
    assert len(names_of(report)) == len(rest)


def test_names_are_one_line_each_by_smap_id_whatever_the_order(tmp_path: Path) -> None:
    features = [
        house(0, called="경복궁", called_en="Gyeongbokgung", tall=12.34),
        house(2, called="창덕궁"),
        house(1),
    ]
    report = build(tmp_path / "a", features)
    assert names_of(report)[0] == {
        "smap_id": "town:h0",
        "name": "경복궁",
        "name_en": "Gyeongbokgung",
        "lon": pytest.approx(WEST + 0.000075, abs=1e-6),
        "lat": pytest.approx(SOUTH + 0.00005, abs=1e-6),
        "height": 12.3,
    }
    assert [(line["smap_id"], "name_en" in line) for line in names_of(report)] == [
        ("town:h0", True),
        ("town:h2", False),
    ]
    other = build(tmp_path / "b", features[::-1])
    assert (Path(other.out) / "names.ndjson").read_bytes() == (Path(report.out) / "names.ndjson").read_bytes()


def test_the_histogram_counts_each_building_once_in_its_class() -> None:
    heights = np.array([0.5, 3.0, 5.99, 60.0, 599.0, 600.0])
    found = histogram(heights, np.array(["height"] * 5 + ["default"], object))
    by_class = dict(zip(HEIGHT_STEPS_M, found["height"], strict=False))
    assert (by_class[0], by_class[3], by_class[60], by_class[150]) == (1, 2, 1, 1)
    assert (sum(found["height"]), sum(found["default"])) == (5, 1)


def test_a_heavy_tile_is_told_of() -> None:
    tile = DrawnTile(14, (126.9, 37.5, 127.0, 37.6), 200_001, 9, 0.0, is_leaf=True)
    city = _city().drawn([tile, tile])
    heavy = city.problems[-1]
    assert (heavy.code, heavy.count, heavy.examples[0]["value"]) == ("tile_above_200_kb", 2, "200 kB")


def test_a_problem_shows_a_few_examples_of_many() -> None:
    n = 50
    spots = Spots(np.full(n, "x", object), np.zeros((n, 2)), np.full(n, "y", object))
    problem = Problem.of("height_zero", n, spots)
    assert (problem.count, len(problem.examples)) == (50, 5)


def test_a_city_of_one_house_has_a_map_too() -> None:
    tile = DrawnTile(14, (126.9, 37.5, 127.0, 37.6), 100, 9, 0.0, is_leaf=True)
    assert "nan" not in city_map(np.array([[126.97, 37.56]]), [tile], np.empty((0, 2)))
    assert "nan" not in city_map(np.empty((0, 2)), [tile], np.empty((0, 2)))
    assert "nan" not in stacked_bars({"height": [0] * (len(HEIGHT_STEPS_M) - 1)}, HEIGHT_STEPS_M)


def test_a_feature_left_out_far_away_does_not_shrink_the_map() -> None:
    places = np.array([[126.97, 37.56], [126.98, 37.57]])
    near, far = city_map(places, [], places[:1]), city_map(places, [], np.array([[0.0, 0.0]]))
    assert near.count("<circle") == 1
    assert far.count("<circle") == 0


def test_a_page_without_estimates_says_so() -> None:
    report = BuildReport("town", "abc", 1, 1, {}, 0, 1, 0, {"total": 1.0}, 1.0, "")
    assert "—" in as_page(report, _city(), {"ko": "마을", "en": "Town"}, "made for tests")


def _city() -> CityReport:
    heights = {"height": [1] * (len(HEIGHT_STEPS_M) - 1)}
    return CityReport(heights, {}, (), np.array([[126.97, 37.56]]), np.empty((0, 2)))
