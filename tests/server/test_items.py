from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from tests.server.city import VERSION

ITEMS = "/api/collections/heritage/items"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


def links(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    return [link for link in document["links"] if link["rel"] == rel]


def test_published_tilesets_are_collections_without_items(client: TestClient) -> None:
    listed = client.get("/api/collections?lang=en").json()["collections"]
    found = {item["id"]: item for item in listed if item["itemType"] == "tileset"}
    assert set(found) == {"seoul-buildings", "seoul-terrain"}
    for name, item in found.items():
        assert item["extent"]["spatial"]["bbox"] == [[126.76, 37.42, 127.19, 37.70]]
        assert not links(item, "items")
        (entry,) = links(item, "original")
        assert client.get(entry["href"]).status_code == 200
        assert client.get(links(item, "self")[0]["href"] + "?lang=en").json() == item
        assert client.get(f"/api/collections/{name}/items").status_code == 404
    assert links(found["seoul-buildings"], "original")[0] == {
        "href": f"http://localhost/tiles/seoul-buildings/{VERSION}/tileset.json",
        "rel": "original",
        "type": "application/json+3dtiles",
        "title": "tileset",
    }
    assert links(found["seoul-terrain"], "original")[0]["type"] == "application/json"


def test_a_tileset_of_the_staff_is_known_to_nobody(client: TestClient) -> None:
    assert "secret" not in client.get("/api/collections").text
    assert client.get("/api/collections/seoul-secret").status_code == 404


def test_records_come_in_the_order_that_is_asked_for(client: TestClient) -> None:
    for text, first in (
        ("name_en", "heunginjimun"),
        ("-name_en", "sungnyemun"),
        ("%2Bname_hanja", "sungnyemun"),
    ):
        page = client.get(f"{ITEMS}?sortby={text}").json()
        assert page["features"][0]["id"] == first
    for text in ("nope", "geometry", "facts", ",", ",".join(["id"] * 9)):
        answer = client.get(f"{ITEMS}?sortby={text}")
        assert answer.status_code == 400
        assert "sortby" in answer.json()["message"]


def test_only_the_properties_that_are_asked_for_come(client: TestClient) -> None:
    for feature in client.get(f"{ITEMS}?properties=name_ko,name_hanja").json()["features"]:
        assert set(feature["properties"]) <= {"name_ko", "name_hanja"}
        assert feature["geometry"]["type"] == "Point"
    assert "name_ko" in client.get(f"{ITEMS}?properties=name_ko,nope").json()["message"]


def test_a_table_is_csv_without_a_mark_and_leads_to_the_next(client: TestClient) -> None:
    answer = client.get(f"{ITEMS}?f=csv&limit=1&properties=name_ko")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert row == {
        "id": "heunginjimun",
        "name_ko": "흥인지문",
        "lon": "127.0096",
        "lat": "37.5711",
        "geometry": "",
    }
    address = answer.headers["link"].partition(">")[0].removeprefix("<")
    assert "sungnyemun" in client.get(address).text
    refused = client.get(ITEMS, params={"f": "csv", "crs": "http://www.opengis.net/def/crs/EPSG/0/5186"})
    assert refused.status_code == 400
    assert client.get(f"{ITEMS}/sungnyemun?f=csv").status_code == 400


def test_every_link_of_a_page_keeps_what_was_asked(client: TestClient) -> None:
    asked = {"filter": "category='gate'", "sortby": "-name_en", "limit": "1", "lang": "en", "offset": "1"}
    page = client.get(ITEMS, params=asked).json()
    for link in (*links(page, "self"), *links(page, "prev"), *links(page, "alternate")):
        said = {name: values[0] for name, values in parse_qs(urlsplit(link["href"]).query).items()}
        assert {**said, **asked, "offset": said["offset"]} == {**asked, **said}


def test_the_page_of_a_list_has_names_texts_and_ways_on(client: TestClient) -> None:
    text = client.get(f"{ITEMS}?f=html&lang=en&limit=1").text
    for part in ("Heunginjimun · 흥인지문", "gate", "The story of Heunginjimun.", "next page", "1 / 2"):
        assert part in text
    assert 'href="/place/heritage/heunginjimun?lang=en"' in text
    assert "offset=1" in text


def test_a_record_in_another_system_is_not_what_an_editor_saves(client: TestClient) -> None:
    """Its validator is no revision: nobody writes back metres for degrees."""
    uri = "http://www.opengis.net/def/crs/EPSG/0/5186"
    assert client.get(f"{ITEMS}/sungnyemun").headers["etag"].startswith('"r1-')
    assert not client.get(f"{ITEMS}/sungnyemun", params={"crs": uri}).headers["etag"].startswith('"r')


@pytest.mark.parametrize(
    "path", ["/api/collections/nope", f"{ITEMS}?nope=1", "/nothing/here", "/place/wall/x"]
)
def test_a_browser_is_refused_by_a_page(client: TestClient, path: str) -> None:
    page, data = client.get(path, headers={"accept": BROWSER}), client.get(path)
    assert page.status_code == data.status_code
    assert page.headers["content-type"].startswith("text/html")
    assert "Accept" in page.headers["vary"]
    assert data.json()["message"].split("'")[0] in page.text


def test_a_refusal_repeats_no_long_address(client: TestClient) -> None:
    long = "x" * 50_000
    for path in (
        f"/api?{long}=1",
        f"{ITEMS}?bbox={long}",
        f"/{long}",
        f"{ITEMS}?filter=id%3D'{long}",
        f"/api/{long}",
    ):
        assert len(client.get(path).text) < 4000
        assert client.get(path).status_code in (400, 404)


def test_who_is_not_signed_in_gets_a_challenge(client: TestClient) -> None:
    """RFC 9110 §15.5.2."""
    answer = client.get(f"{ITEMS}?draft=1")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Session realm="S-Map"')


def test_options_tell_the_methods(client: TestClient) -> None:
    answer = client.options("/place/heritage/sungnyemun")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


def test_robots_find_every_place_in_four_languages(client: TestClient) -> None:
    robots = client.get("/robots.txt").text
    assert "Sitemap: http://localhost/sitemap.xml" in robots
    index = client.get("/sitemap.xml")
    assert index.headers["content-type"].startswith("application/xml")
    (part,) = [piece.split("</loc>")[0] for piece in index.text.split("<loc>")[1:]]
    places = client.get(part).text
    addresses = [piece.split("</loc>")[0] for piece in places.split("<loc>")[1:]]
    assert len(addresses) == 8
    assert places.count('<xhtml:link rel="alternate" hreflang="ja"') == 8
    assert places.count("<xhtml:link") == 8 * 4
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert f'<link rel="canonical" href="{address}">' in answer.text
    assert client.get("/sitemap/heritage/1.xml").status_code == 404
