from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smap.cli.main import main
from tests.content.exchange.answers import khs_item, wifi_row
from tests.content.exchange.open_server import KEY, OpenServer, serving
from tests.content.samples import place

ROOT = Path(__file__).resolve().parents[2]
CSV = "번호,이름,소개,경도,위도\n1,세종문화회관,<p>글</p>,126.9759,37.5726\n2,빈곳,글,37.5726,126.9759\n"
MAPPING = """format = "csv"
[fields]
id = "번호"
name_ko = "이름"
text_ko = "소개"
lon = "경도"
lat = "위도"
[values]
name_en = "{name_ko}"
text_en = "A place."
category = "museum"
source = "Seoul open data"
source_date = "2023-06-01"
position_source = "Seoul open data"
position_date = "2023-06-01"
position_accuracy_m = 50
position_means = "building_centre"
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMAP_WORKSPACE", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenServer]:
    monkeypatch.setenv("SMAP_TOURAPI_KEY", KEY)
    monkeypatch.setenv("SMAP_SEOUL_KEY", KEY)
    with serving() as running:
        yield running


def collection(path: Path, *features: object) -> str:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[dict[str, Any], str]:
    """The JSON of a command that ends with such a code, and what it said on stderr."""
    assert main(["content", *arguments, "--json"]) == code
    out, err = capsys.readouterr()
    counts = json.loads(out.splitlines()[-1])
    if "read" in counts:
        sums = (counts["written"], counts["updated"], counts["skipped"], *counts["refused"].values())
        assert counts["read"] == sum(sums)
    return counts, err


def test_a_korean_csv_goes_in_by_a_mapping_and_swapped_positions_are_offered(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(CSV.encode("cp949"))
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    command = ("import", str(tmp_path / "a.csv"), "--layer", "tourism", "--mapping", str(tmp_path / "m.toml"))
    dry, err = told(capsys, *command, "--dry-run", code=1)
    assert (dry["written"], dry["refused"], dry["import"]) == (1, {"swapped_coordinates": 1}, None)
    assert "has lat and lon swapped: give lon, lat: 126.9759, 37.5726" in err
    assert not workspace.exists()
    counts, _ = told(capsys, *command, code=1)
    assert (counts["written"], counts["import"]) == (1, 1)
    (tmp_path / "m.toml").write_text("mend_swapped = true\n" + MAPPING, encoding="utf-8")
    counts, _ = told(capsys, *command)
    assert (counts["written"], counts["skipped"], counts["mended"]) == (1, 1, {"swapped_coordinates": 1})


def test_an_import_is_taken_back_by_the_number_it_told(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = collection(tmp_path / "a.geojson", place("a"), place("b", 127.1))
    number = told(capsys, "import", file, "--layer", "heritage")[0]["import"]
    edited = collection(tmp_path / "b.geojson", place("a", built="1395") | {"revision": 1})
    assert main(["content", "import", edited, "--layer", "heritage"]) == 0
    capsys.readouterr()
    report, err = told(capsys, "undo", str(number), code=1)
    assert report == {
        "import": 1,
        "layer": "heritage",
        "restored": 0,
        "removed": 1,
        "changed_since": ["a"],
    }
    assert "heritage/a was changed since: it stays as it is" in err
    assert main(["content", "undo", "2"]) == 0
    assert "import 2: 1 restored, 0 removed" in capsys.readouterr().out
    assert main(["content", "audit"]) == 0
    assert "undo\theritage\timport 2: 1 restored" in capsys.readouterr().out
    assert main(["content", "undo", "2"]) == 2
    assert "undone already" in capsys.readouterr().err


@pytest.mark.parametrize("features", [[], [place("b", 0, 0)]])
def test_a_first_import_that_writes_nothing_makes_no_database(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], features: list[Any]
) -> None:
    file = collection(tmp_path / "a.geojson", *features)
    told(capsys, "import", file, "--layer", "heritage", code=len(features))
    assert not workspace.exists()


def test_ten_thousand_faults_are_a_few_lines_and_nothing_is_written(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [place(f"w{number}", name_ko=None) for number in range(5_000)]
    file = collection(tmp_path / "a.geojson", *wrong, *wrong, place("sound"))
    counts, err = told(capsys, "import", file, "--layer", "heritage", code=1)
    assert counts["refused"] == {"missing": 10_000, "not_written": 1}
    lines = [line for line in err.splitlines() if line.startswith(file)]
    assert len(lines) == 5
    assert "feature 1 (w0): name_ko is missing" in lines[0]
    assert "10000 in all: missing" in lines[3]
    assert "nothing was written" in lines[4]
    assert not workspace.exists()
    counts, _ = told(capsys, "import", file, "--layer", "heritage", "--despite-faults", code=1)
    assert counts["written"] == 1


def test_a_mapping_that_comes_with_us_is_named_and_a_wrong_name_lists_them(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": {"name": name}}
        for name, at in (("가", [127.0, 37.5]), ("나", [127.0, 37.5]), ("다", [127.1, 37.5]))
    ]
    file = collection(tmp_path / "a.geojson", *items)
    counts, _ = told(capsys, "import", file, "--layer", "heritage", "--mapping", "khs-names")
    assert (counts["written"], counts["records"]) == (3, 2)
    assert main(["content", "import", file, "--layer", "heritage", "--mapping", "none"]) == 2
    assert "those that come with S-Map are admin-dong" in capsys.readouterr().err


def test_heritage_is_fetched_and_only_codes_say_what_can_be_moved(
    workspace: Path, capsys: pytest.CaptureFixture[str], server: OpenServer
) -> None:
    server.khs = [
        khs_item("서울 문", "13", "1", "126.97"),
        khs_item("청자 병", "11", "2", "126.98"),
        khs_item("서울 없음", "12", "3", "0", "0"),
        khs_item("부산 탑", "12", "4", "129.0", "35.1"),
    ]
    fetch = ("fetch", "khs", "--layer", "heritage", "--base-url", server.base, "--per-second", "1000")
    counts, _ = told(capsys, *fetch, code=1)
    assert (counts["written"], counts["refused"]) == (2, {"outside_clip": 1, "zero_coordinates": 1})
    assert main(["content", "export", "--layer", "heritage"]) == 0
    found = {
        f["properties"]["name_ko"]: f["properties"] for f in json.loads(capsys.readouterr().out)["features"]
    }
    assert found["서울 문"]["movable"] is False
    assert found["서울 문"]["designation_en"] == "Historic Site"
    assert "movable" not in found["청자 병"]
    assert (found["청자 병"]["khs_kind"], found["청자 병"]["khs_number"]) == ("11", "0000000000002")
    again, _ = told(capsys, *fetch, code=1)
    assert (again["written"], again["updated"], again["skipped"]) == (0, 0, 2)


def test_sights_are_fetched_with_the_key_of_the_environment(
    workspace: Path, capsys: pytest.CaptureFixture[str], server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"title": "남산", "mapx": "126.99", "mapy": "37.55", "modifiedtime": "20240301093000", "tel": ""}
    server.tour = [row | {"contentid": "126508", "contenttypeid": "12"}]
    monkeypatch.setenv("SMAP_TOUR_URL", server.base)
    assert told(capsys, "fetch", "tour", "--layer", "tourism", "--dry-run")[0]["written"] == 1
    assert not workspace.exists()
    assert told(capsys, "fetch", "tour", "--layer", "tourism")[0]["written"] == 1
    assert main(["content", "export", "--layer", "tourism"]) == 0
    (feature,) = json.loads(capsys.readouterr().out)["features"]
    assert feature["id"] == "tour-126508"
    assert (feature["properties"]["tour_type"], feature["properties"]["source_date"]) == ("12", "2024-03-01")


def test_the_citys_wifi_is_fetched_into_its_declared_layer_and_swaps_are_counted(
    workspace: Path, capsys: pytest.CaptureFixture[str], server: OpenServer
) -> None:
    (workspace / "layers").mkdir(parents=True)
    shutil.copy(ROOT / "content" / "layers" / "wifi.toml", workspace / "layers")
    server.seoul["TbPublicWifiInfo"] = [
        wifi_row(1),
        wifi_row(2, "126.9780", "37.5665"),
        wifi_row(3, "0", "0"),
    ]
    fetch = ("fetch", "seoul", "--dataset", "TbPublicWifiInfo", "--layer", "wifi", "--mapping", "seoul-wifi")
    counts, _ = told(capsys, *fetch, "--base-url", server.base, code=1)
    assert (counts["written"], counts["mended"]) == (2, {"swapped_coordinates": 1})
    assert counts["refused"] == {"zero_coordinates": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fetch", "tour", "--layer", "tourism"], "TourAPI needs a key: set SMAP_TOURAPI_KEY"),
        (["fetch", "seoul", "--layer", "tourism"], "give --mapping"),
        (["fetch", "khs", "--layer", "heritage", "--param", "a"], "--param 'a' is none"),
        (["fetch", "khs", "--layer", "heritage", "--per-second", "0"], "--per-second 0 must be more than 0"),
        (["fetch", "khs", "--layer", "heritage", "--base-url", "a.kr"], "no address of a service"),
        (["fetch", "khs", "--layer", "shops"], "no layer 'shops'"),
        (["undo", "1"], "smap content import"),
    ],
)
def test_wrong_use_is_one_line_and_makes_nothing(
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.delenv("SMAP_TOURAPI_KEY", raising=False)
    assert main(["content", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert not workspace.exists()


def test_an_export_to_a_full_disk_is_one_line(workspace: Path, tmp_path: Path) -> None:
    assert (
        main(["content", "import", collection(tmp_path / "a.geojson", place()), "--layer", "heritage"]) == 0
    )
    command = [sys.executable, "-m", "smap.cli.main", "content", "export", "--layer", "heritage"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ})
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["smap content: cannot write to stdout: No space left on device"]


REAL = [
    ("heritage/seoul_heritage_cha_2021.geojson", "heritage", "khs-names", 922, 922, {}, 325),
    (
        "tourism/seoul_culture_spaces_cp949.csv.gz",
        "tourism",
        "seoul-culture-spaces",
        973,
        972,
        {"geometry": 1},
        972,
    ),
    (
        "wifi/seoul_public_wifi_cp949.csv",
        "wifi",
        "seoul-wifi-csv",
        13628,
        13555,
        {"outside_area": 1, "outside_clip": 13, "swapped_coordinates": 59},
        13555,
    ),
    ("admin/hangjeongdong_seoul_425.geojson.gz", "dong", "admin-dong", 425, 425, {}, 425),
    ("admin/seoul_submunicipalities_kostat2013.shp", "dong", "admin-dong-shp", 423, 423, {}, 423),
    ("tourism/seoul_121_major_places_polygons.geojson", "tourism", "seoul-major-places", 121, 121, {}, 121),
    ("alleys/seoul_dullegil_trail.geojson.gz", "tourism", "seoul-dullegil", 79, 79, {}, 79),
]


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "layer", "mapping", "read", "written", "refused", "records"), REAL, ids=[row[0] for row in REAL]
)
def test_the_citys_own_files_go_in_whole_and_twice_is_once(
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    seoul_data: Path,
    file: str,
    layer: str,
    mapping: str,
    read: int,
    written: int,
    refused: dict[str, int],
    records: int,
) -> None:
    (workspace / "layers").mkdir(parents=True)
    shutil.copy(ROOT / "content" / "layers" / "wifi.toml", workspace / "layers")
    dong = 'geometry = "Polygon"\n[title]\nko = "행정동"\nen = "Dong"\n'
    (workspace / "layers" / "dong.toml").write_text(dong, encoding="utf-8")
    command = ("import", str(seoul_data / file), "--layer", layer, "--mapping", mapping)
    counts, _ = told(capsys, *command, code=1 if refused else 0)
    assert (counts["read"], counts["written"], counts["records"]) == (read, written, records)
    assert counts["refused"] == refused
    again, _ = told(capsys, *command, code=1 if refused else 0)
    assert (again["written"], again["updated"], again["skipped"]) == (0, 0, written)
