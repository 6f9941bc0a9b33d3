from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from smap.content.search import index_beside
from smap.store.release import read_current
from tests.server.city import publish_city


@pytest.fixture
def named(workspace: Path) -> Path:
    """The workspace with named buildings beside both of its building tilesets, as publishing leaves them."""
    release = read_current(workspace)
    assert release is not None
    for tileset in (one for one in release.tilesets if one.kind == "buildings"):
        told = {
            "smap_id": f"{tileset.name}:1",
            "name": "숭례빌딩",
            "lon": 126.98,
            "lat": 37.56,
            "height": 30.0,
        }
        archive = workspace / tileset.path
        archive.with_name("names.ndjson").write_text(json.dumps(told) + "\n")
        index_beside(archive)
    return workspace


def test_a_page_tells_how_many_match_and_links_to_the_next(client: TestClient) -> None:
    first = client.get("/api/search?q=문&limit=1").json()
    assert (first["numberMatched"], first["numberReturned"]) == (2, 1)
    links = {link["rel"]: link["href"] for link in first["links"]}
    assert "prev" not in links
    second = client.get(links["next"]).json()
    assert (second["numberMatched"], second["numberReturned"]) == (2, 1)
    assert {page["features"][0]["id"] for page in (first, second)} == {"sungnyemun", "heunginjimun"}
    links = {link["rel"]: link["href"] for link in second["links"]}
    assert "next" not in links
    assert client.get(links["prev"]).json()["features"] == first["features"]


def test_a_hit_has_a_score_what_was_meant_and_how_far_it_is(client: TestClient) -> None:
    hit = client.get("/api/search?q=ㅅㄹㅁ&near=126.9753,37.56098").json()["features"][0]
    assert hit["id"] == "sungnyemun"
    assert 0 < hit["score"] <= 1
    assert hit["match"] == {"field": "name_ko", "ranges": [[0, 3]]}
    assert hit["distance_m"] == pytest.approx(111, abs=1)
    assert "distance_m" not in client.get("/api/search?q=ㅅㄹㅁ").json()["features"][0]


def test_decomposed_hangul_counts_by_its_syllables(client: TestClient) -> None:
    query = unicodedata.normalize("NFD", "숭례문" * 33)
    assert len(query) > 100
    assert client.get("/api/search", params={"q": query}).status_code == 200
    assert client.get("/api/search", params={"q": query + "가나"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("near=127", "near"),
        ("near=37.5,127", "longitude first"),
        ("near=a,b", "lon,lat"),
        ("lang=fr", "ko, en, ja, zh"),
        ("layer=nope", "nope"),
        ("offset=-1", "offset"),
        ("bbox=1,2,3", "bbox"),
    ],
)
def test_a_senseless_question_is_refused_in_one_line(client: TestClient, query: str, told: str) -> None:
    for path in ("/api/search", "/api/search/suggest"):
        answer = client.get(f"{path}?q=문&{query}")
        assert answer.status_code in (400, 404)
        assert told in answer.json()["message"] or path.endswith("suggest")


def test_suggestions_are_names_without_texts(client: TestClient) -> None:
    told = client.get("/api/search/suggest?q=숭ㄹ&near=126.9753,37.55998&lang=ja").json()
    assert told == {
        "suggestions": [
            {
                "layer": "heritage",
                "id": "sungnyemun",
                "names": {"name_ko": "숭례문", "name_hanja": "崇禮門", "name_en": "Sungnyemun"},
                "category": "gate",
                "lon": 126.9753,
                "lat": 37.55998,
                "match": {"field": "name_ko", "ranges": [[0, 2]]},
                "distance_m": 0.0,
            }
        ]
    }
    assert client.get("/api/search/suggest?q=초안").json() == {"suggestions": []}


def test_named_buildings_of_the_public_are_found_beside_records(named: Path, client: TestClient) -> None:
    page = client.get("/api/search?q=숭례").json()
    assert page["numberMatched"] == 2
    building = next(hit for hit in page["features"] if hit["properties"]["layer"] == "buildings")
    assert building["properties"] == {
        "layer": "buildings",
        "tileset": "seoul-buildings",
        "smap_id": "seoul-buildings:1",
        "name": "숭례빌딩",
        "height": 30.0,
    }
    assert building["geometry"] == {"type": "Point", "coordinates": [126.98, 37.56]}
    only = client.get("/api/search?q=숭례&layer=buildings").json()
    assert [hit["id"] for hit in only["features"]] == ["seoul-buildings:1"]
    assert client.get("/api/search?q=숭례&layer=heritage").json()["numberMatched"] == 1
    suggested = client.get("/api/search/suggest?q=숭례빌").json()["suggestions"]
    assert [(one["layer"], one["names"]) for one in suggested] == [("buildings", {"name": "숭례빌딩"})]


def test_a_new_release_is_searched_from_the_next_request_on(named: Path, client: TestClient) -> None:
    assert client.get("/api/search?q=숭례빌딩").json()["numberMatched"] == 1
    publish_city(named, release="second", version="fedcba987654")
    assert client.get("/api/search?q=숭례빌딩").json()["numberMatched"] == 0


def test_no_text_finds_nothing(client: TestClient) -> None:
    assert client.get("/api/search").json()["numberMatched"] == 0
    assert client.get("/api/search/suggest?q=%20").json() == {"suggestions": []}
