from __future__ import annotations

import pytest
from starlette.testclient import TestClient

ITEMS = "/api/collections/heritage/items"


def rels(document: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def test_the_landing_page_leads_to_everything(client: TestClient) -> None:
    links = rels(client.get("/api").json())
    assert set(links) == {"self", "service-desc", "conformance", "data"}
    for href in links.values():
        assert client.get(href).status_code == 200


def test_the_collections_tell_titles_extents_and_items(client: TestClient) -> None:
    heritage = client.get("/api/collections?lang=en").json()["collections"][0]
    assert (heritage["id"], heritage["title"]) == ("heritage", "Heritage")
    west, south, east, north = heritage["extent"]["spatial"]["bbox"][0]
    assert west < east
    assert south < north
    items = [link for link in heritage["links"] if link["rel"] == "items"]
    assert items[0]["type"] == "application/geo+json"


def test_items_are_geojson_of_what_is_published(client: TestClient) -> None:
    answer = client.get(ITEMS)
    page = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert [feature["id"] for feature in page["features"]] == ["heunginjimun", "sungnyemun"]
    assert (page["numberMatched"], page["numberReturned"]) == (2, 2)
    assert page["timeStamp"] == "2026-05-01T12:00:00Z"
    assert "숭례문".encode() in answer.content


def test_paging_walks_through_every_item_once(client: TestClient) -> None:
    seen, url = [], f"{ITEMS}?limit=1"
    while url:
        page = client.get(url).json()
        assert page["numberMatched"] == 2
        seen += [feature["id"] for feature in page["features"]]
        url = rels(page).get("next", "")
    assert seen == ["heunginjimun", "sungnyemun"]
    assert "offset=0" in rels(page)["prev"]


def test_a_box_keeps_what_lies_in_it(client: TestClient) -> None:
    page = client.get(f"{ITEMS}?bbox=126.97,37.55,126.98,37.57").json()
    assert [feature["id"] for feature in page["features"]] == ["sungnyemun"]
    same = client.get(f"{ITEMS}?bbox=126.97,37.55,-10,126.98,37.57,900").json()
    assert same["features"][0]["id"] == "sungnyemun"


@pytest.mark.parametrize(
    "query",
    [
        "nope=1",
        "limit=0",
        "limit=x",
        "limit=-1",
        "limit=1&limit=2",
        "offset=-1",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=126,38,127,37",
        "bbox=nan,1,2,3",
        "bbox=999,0,1,1",
        "bbox=1_2,3,126,38",
        "bbox=١٢٦,37,127,38",
        "datetime=yesterday",
        "datetime=2020-02-31",
        "datetime=2020-01-01T25:00:00Z",
        "datetime=2021-01-01/2020-01-01",
        "datetime=../..",
        "datetime=2020-01-01/2020-02-01/2020-03-01",
        "f=xml",
        "lang=tlh",
        "draft=2",
        "bbox-crs=EPSG:4326",
    ],
)
def test_a_senseless_query_is_refused_by_name(client: TestClient, query: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0].split("-")[0] in answer.json()["message"]


def test_a_greedy_limit_is_capped(client: TestClient) -> None:
    assert client.get(f"{ITEMS}?limit=999999").json()["numberReturned"] == 2


@pytest.mark.parametrize(
    "moment",
    ["2020-01-01/..", "/2020-01-01", "2020-02-29T10:00:00.5%2B09:00", "2020-01-01/2020-01-01T00:00:00Z"],
)
def test_records_have_no_time_of_their_own_and_match_every_one(client: TestClient, moment: str) -> None:
    assert client.get(f"{ITEMS}?datetime={moment}").json()["numberReturned"] == 2


def test_an_item_carries_its_revision_as_etag(client: TestClient) -> None:
    plain = {"accept-encoding": "identity"}
    answer = client.get(f"{ITEMS}/sungnyemun", headers=plain)
    assert answer.headers["etag"].startswith('"r1-')
    assert answer.json()["revision"] == 1
    again = client.get(f"{ITEMS}/sungnyemun", headers={"if-none-match": answer.headers["etag"], **plain})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/api/collections/nope", "/api/collections/nope/items", f"{ITEMS}/nope"])
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_drafts_are_not_for_everyone(client: TestClient) -> None:
    assert client.get(f"{ITEMS}/draft-gate").status_code == 404
    assert client.get(f"{ITEMS}/draft-gate?draft=1").status_code == 401
    assert client.get(f"{ITEMS}?draft=1").status_code == 401


@pytest.mark.parametrize(
    "path", ["/api", "/api/conformance", "/api/collections", ITEMS, f"{ITEMS}/sungnyemun"]
)
def test_a_browser_gets_a_page_with_the_same_facts(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "Accept" in answer.headers["vary"]
    assert "<script" not in answer.text
