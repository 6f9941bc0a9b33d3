from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image
from starlette.testclient import TestClient

from smap.content.record import Record
from smap.server.media import Media
from smap.server.places import anchor, place_page
from tests.server.city import GROUND_M, place

PAGE = "/place/heritage/sungnyemun"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
VOID = {"meta", "link", "br", "img"}
NOWHERE = Path("nowhere")
NO_FILES = Media(NOWHERE, NOWHERE)


class Balance(HTMLParser):
    """Notes every tag that is closed out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["ko", "en", "ja", "zh"])
def test_a_place_is_a_whole_page_without_scripts(client: TestClient, lang: str) -> None:
    text = client.get(f"{PAGE}?lang={lang}").text
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert "<script" not in text
    assert f'<html lang="{lang}">' in text
    assert text.count("</h1>") == 1


def test_a_place_tells_source_accuracy_and_the_way_into_the_viewer(client: TestClient) -> None:
    text = client.get(f"{PAGE}?lang=en").text
    for part in ("Sungnyemun", "숭례문", "崇禮門", "± 10 m", "OpenStreetMap", "2026-05-01", "CC-BY-4.0"):
        assert part in text
    assert 'href="/?at=126.975300,37.55' in text
    assert "place=heritage/sungnyemun" in text
    assert '<meta property="og:title" content="Sungnyemun">' in text


def test_words_of_a_record_are_text_and_never_markup(client: TestClient) -> None:
    text = client.get(f"{PAGE}?lang=en").text
    assert "&quot;south gate&quot; &amp; its wall, 5 &lt; 6." in text
    assert "<p>Built early.</p>" in text


def test_the_language_follows_query_then_browser(client: TestClient) -> None:
    assert '<html lang="ko">' in client.get(PAGE).text
    assert '<html lang="en">' in client.get(PAGE, headers={"accept-language": "en-US,en"}).text
    assert '<html lang="ko">' in client.get(f"{PAGE}?lang=ko", headers={"accept-language": "en"}).text


def test_a_program_gets_geojson(client: TestClient) -> None:
    by_query = client.get(f"{PAGE}?f=json")
    by_header = client.get(PAGE, headers={"accept": "application/geo+json"})
    assert by_query.json() == by_header.json()
    assert by_query.headers["content-type"] == "application/geo+json"


def page_of(lang: str, layer: str = "heritage", *, files: Media = NO_FILES, **more: Any) -> str:
    """The page of a gate with some fields more; without `files` nobody has taken a picture of it."""
    said = place("gate", "문", "Gate", 126.98, 37.57, **more)
    record = Record(layer, "gate", 1, "published", said["geometry"], said["properties"], NOW)
    pictures = tuple(files.pictures_of(record))
    return place_page(
        record, lang, ground_m=60.0, absolute_of=lambda path: f"http://localhost{path}", pictures=pictures
    )


def test_a_page_in_japanese_says_what_it_can_and_the_rest_in_english() -> None:
    told = page_of(
        "ja", name_ja="門", summary_ja="南の門。", name_zh="城门", name_romanised="Mun", hours_en="9–18"
    )
    assert "<h1>門</h1>" in told
    assert "<p>南の門。</p>" in told
    assert '<p lang="en">The story of Gate.</p>' in told
    assert '<dd><span lang="en">9–18</span></dd>' in told
    for name in (
        '<span lang="ko">문</span>',
        '<span lang="zh">城门</span>',
        '<span lang="ko-Latn">Mun</span>',
    ):
        assert name in told


def test_a_page_without_a_chinese_name_bears_the_english_one() -> None:
    told = page_of("zh")
    assert '<h1 lang="en">Gate</h1>' in told
    assert '<meta property="og:title" content="Gate">' in told


def test_every_language_of_a_page_is_named_to_search_engines_and_to_people(client: TestClient) -> None:
    text = client.get(f"{PAGE}?lang=zh").text
    for code in ("ko", "en", "ja", "zh"):
        assert f'hreflang="{code}" href="http://localhost{PAGE}?lang={code}">' in text
        assert (f'<a class="other" href="{PAGE}?lang={code}"' in text) is (code != "zh")


def test_facts_stand_with_their_sources() -> None:
    fact = {
        "about": "rebuilt",
        "ko": "다시 지었다.",
        "en": "Rebuilt in 2013.",
        "source": "KHS",
        "date": "2026-03-01",
    }
    told = page_of("en", facts=[fact | {"source_url": "https://www.heritage.go.kr/"}])
    assert '<li>Rebuilt in 2013. <span class="source"><a href="https://www.heritage.go.kr/"' in told
    assert '<time datetime="2026-03-01">(2026-03-01)</time></span></li>' in told


@pytest.mark.parametrize(
    ("layer", "more", "part"),
    [
        ("tourism", {"fee_ko": "3,000원", "fee_en": "3,000 won"}, "<dt>Fee</dt><dd>3,000 won</dd>"),
        ("tourism", {"phone": "02-120"}, "<dt>Telephone</dt><dd>02-120</dd>"),
        (
            "tourism",
            {"stops": [{"layer": "wall", "id": "a", "minutes": 5.0}]},
            '/place/wall/a?lang=en">a</a> (5 min)',
        ),
        ("wall", {"state": "lost", "lost_year": "1915"}, "<dt>State</dt><dd>lost</dd>"),
        ("wall", {"masonry": "sejong", "height_m": 5.25}, "<dt>Height</dt><dd>5.2 m</dd>"),
        ("alleys", {"category": "alley"}, "<dt>Slope</dt><dd>not known</dd>"),
        ("alleys", {"slope_percent": 9.0, "slope_source": "own level"}, "<dd>9 %, own level</dd>"),
        ("alleys", {"steps": 0}, "<dt>Steps</dt><dd>0</dd>"),
        (
            "alleys",
            {"stories": [{"along_m": 12.0, "title_en": "Well", "en": "A well."}]},
            "Well (12 m)</span> A well.",
        ),
        ("heritage", {"valid_from": "1398", "materials_en": "stone"}, "<dt>Time</dt><dd>1398 – </dd>"),
        (
            "heritage",
            {"media": [{"alt_en": "A gate", "credit": "Kim", "kogl": "type-1"}]},
            "Kim · KOGL type-1",
        ),
    ],
)
def test_a_page_tells_what_its_layer_knows(layer: str, more: dict[str, Any], part: str) -> None:
    assert part in page_of("en", layer, **more)


@pytest.mark.parametrize(
    "path", ["/place/heritage/nope", "/place/nope/sungnyemun", "/place/heritage/draft-gate"]
)
def test_what_is_not_published_has_no_page(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_unchanged_page_is_not_sent_twice(client: TestClient) -> None:
    etag = client.get(PAGE).headers["etag"]
    assert client.get(PAGE, headers={"if-none-match": etag}).status_code == 304


def test_every_kind_of_geometry_has_a_place_to_look_at() -> None:
    line = [[126.9, 37.5], [126.91, 37.51], [126.92, 37.52]]
    assert anchor({"type": "Point", "coordinates": line[0]}) == (126.9, 37.5)
    assert anchor({"type": "LineString", "coordinates": line}) == (126.91, 37.51)
    assert anchor({"type": "MultiLineString", "coordinates": [line]}) == (126.91, 37.51)
    assert anchor({"type": "Polygon", "coordinates": [line]}) == (126.9, 37.5)


def test_search_gives_the_best_first_with_its_layer(client: TestClient) -> None:
    found = client.get("/api/search?q=숭례문").json()
    assert found["features"][0]["id"] == "sungnyemun"
    assert found["features"][0]["properties"]["layer"] == "heritage"
    assert found["numberReturned"] == len(found["features"])
    assert client.get("/api/search?q=gate&limit=1&lang=en").json()["numberReturned"] <= 1
    assert client.get("/api/search?q=초안문").json()["features"] == []


@pytest.mark.parametrize("query", ["q=a&lang=fr", "q=a&limit=0", "q=a&nope=1", "q=" + "a" * 200])
def test_a_senseless_search_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/api/search?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["", "lon=127", "lon=x&lat=37", "lon=200&lat=37", "lon=nan&lat=37", "lon=1&lat=2&z=3"]
)
def test_a_height_wants_a_place_on_earth(client: TestClient, query: str) -> None:
    assert client.get(f"/api/height?{query}").status_code == 400


def test_a_height_is_told_above_geoid_and_ellipsoid(client: TestClient) -> None:
    """N of EGM96 at 37.5665 N 126.9780 E is 22.90 m, by the published model."""
    told = client.get("/api/height?lon=126.9780&lat=37.5665").json()
    assert told["height_ellipsoidal_m"] == pytest.approx(GROUND_M, abs=0.02)
    assert told["height_ellipsoidal_m"] - told["height_orthometric_m"] == pytest.approx(22.90, abs=0.02)
    assert (told["lon"], told["lat"]) == (126.9780, 37.5665)
    assert (told["source"], told["spacing_m"]) == ("a level plain", 90.0)


def test_outside_the_terrain_there_is_no_height(client: TestClient) -> None:
    answer = client.get("/api/height?lon=129.07&lat=35.18")
    assert answer.status_code == 404
    assert "129.07" in answer.json()["message"]


def test_the_page_style_keeps_to_plain_rules() -> None:
    style = (Path(__file__).parents[2] / "smap" / "server" / "page.css").read_text(encoding="utf-8")
    assert "http" not in style
    assert "@import" not in style


@pytest.mark.parametrize("lang", ["ko", "en", "ja", "zh"])
def test_a_page_shows_itself_to_networks_and_search_engines(lang: str) -> None:
    picture = {"kind": "picture", "url": "https://pictures.example/a.jpg", "alt_ko": "문", "alt_en": "A gate"}
    told = page_of(lang, media=[{"kind": "audio", "url": "https://pictures.example/a.ogg"}, picture])
    assert '<meta property="og:image" content="https://pictures.example/a.jpg">' in told
    assert told.count('property="og:locale:alternate"') == 3
    assert 'itemtype="https://schema.org/LandmarksOrHistoricalBuildings"' in told
    assert '<meta itemprop="latitude" content="37.570000">' in told
    assert '<link itemprop="image" href="https://pictures.example/a.jpg">' in told
    assert '<meta property="og:image" content="http://localhost/icon.svg">' in page_of(lang)


CREDITS = {
    "ko": "S-Map 표본 도시 렌더링 · CC-BY-4.0",
    "en": "S-Map rendering of the sample city · CC-BY-4.0",
    "ja": "S-Map 見本都市のレンダリング · CC-BY-4.0",
    "zh": "S-Map 样本城市渲染图 · CC-BY-4.0",
}


@pytest.mark.parametrize("lang", ["ko", "en", "ja", "zh"])
def test_a_page_without_a_photo_shows_the_rendering_and_says_so(client: TestClient, lang: str) -> None:
    text = client.get(f"{PAGE}?lang={lang}").text
    shown = "/pictures/heritage/sungnyemun.webp"
    assert f'<figure class="picture"><img src="{shown}" width="640" height="400" alt="' in text
    assert f"<figcaption>{CREDITS[lang]}</figcaption>" in text
    assert f'<meta property="og:image" content="http://localhost{shown}">' in text
    assert '<meta property="og:image:width" content="640">' in text
    assert f'<link itemprop="image" href="http://localhost{shown}">' in text
    assert client.get(shown).headers["content-type"] == "image/webp"


def test_a_page_shows_its_own_picture_with_its_rights(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    Image.linear_gradient("L").resize((80, 60)).save(tmp_path / "media" / "gate.jpg")
    said = {"alt_ko": "문", "alt_en": 'A "gate"', "credit": "Kim <Lee>", "licence": "KOGL", "kogl": "type-1"}
    told = page_of(
        "en", files=Media(tmp_path, NOWHERE), media=[{"kind": "picture", "path": "gate.jpg", **said}]
    )
    assert '<img src="/media/gate.jpg" width="80" height="60" alt="A &quot;gate&quot;">' in told
    assert "<figcaption>Kim &lt;Lee&gt; · KOGL · KOGL type-1</figcaption>" in told
    assert '<meta property="og:image" content="http://localhost/media/gate.jpg">' in told


def test_a_page_bears_its_own_address_as_a_qr_code() -> None:
    """Drawn module by module: the matrix of ISO/IEC 18004 for this very address."""
    matrix = segno.make("http://localhost/place/heritage/gate?lang=en", micro=False, error="m").matrix
    drawn = page_of("en").split('<path stroke="#000" d="')[1].split('"')[0]
    assert drawn == path_of(matrix)
    assert drawn not in page_of("ko")


def path_of(matrix: Sequence[Sequence[int]], border: int = 4) -> str:
    """Runs of dark modules as a path of relative moves, from the left of each row."""
    path, x, y = "", 0, 0.0
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            if not modules[column]:
                column += 1
                continue
            end = next((i for i in range(column, len(modules)) if not modules[i]), len(modules))
            at, height = column + border, row + border + 0.5
            path += (
                f"M{at} {height:g}h{end - column}" if not path else f"m{at - x} {height - y:g}h{end - column}"
            )
            x, y, column = end + border, height, end
    return path
