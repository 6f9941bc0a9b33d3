from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.server.places import anchor
from tests.server.city import GROUND_M

PAGE = "/place/heritage/sungnyemun"
VOID = {"meta", "link", "br"}


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


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_place_is_a_whole_page_without_scripts(client: TestClient, lang: str) -> None:
    text = client.get(f"{PAGE}?lang={lang}").text
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert "<script" not in text
    assert f'<html lang="{lang}">' in text
    assert text.count("<h1>") == 1


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
