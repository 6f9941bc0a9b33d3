from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from smap.content.database import open_database, writing
from tests.server.city import PASSWORD, SUNGNYEMUN, place

ITEMS = "/api/collections/heritage/items"
THREADS = 40
"""As many as the server's pool holds (anyio's default)."""


def etag_of(client: TestClient) -> str:
    return client.get(f"{ITEMS}/sungnyemun").headers["etag"]


@pytest.fixture
def editor(client: TestClient) -> TestClient:
    answer = client.post("/session", json={"name": "younghee", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf"]
    client.headers["origin"] = "http://localhost"
    return client


def changed(**properties: Any) -> dict[str, Any]:
    return {**SUNGNYEMUN, "properties": {**SUNGNYEMUN["properties"], **properties}}


def test_a_place_is_made_saved_and_published(editor: TestClient) -> None:
    made = editor.post(ITEMS, json=place("gwanghwamun", "광화문", "Gwanghwamun", 126.9769, 37.5759))
    assert made.status_code == 201
    assert made.headers["location"] == f"{ITEMS}/gwanghwamun"
    assert editor.get(made.headers["location"]).status_code == 404
    draft = editor.get(f"{ITEMS}/gwanghwamun?draft=1")
    assert draft.headers["cache-control"] == "private, no-store"
    again = draft.json()
    again["properties"]["name_en"] = "Gwanghwamun Gate"
    saved = editor.put(f"{ITEMS}/gwanghwamun", json=again, headers={"if-match": draft.headers["etag"]})
    assert (saved.status_code, saved.json()["revision"]) == (200, 2)
    shown = editor.post(f"{ITEMS}/gwanghwamun/publish", headers={"if-match": saved.headers["etag"]})
    assert (shown.status_code, shown.json()["status"]) == (200, "published")
    assert editor.get(f"{ITEMS}/gwanghwamun").json()["properties"]["name_en"] == "Gwanghwamun Gate"


def test_writers_that_wait_leave_the_readers_their_threads(
    editor: TestClient, app: ASGIApp, workspace: Path
) -> None:
    headers = {name: editor.headers[name] for name in ("x-csrf-token", "origin")}
    made = [place(f"gate-{n}", "문", "Gate", 126.9769, 37.5759) for n in range(THREADS + 5)]

    async def all_at_once() -> set[int]:
        transport = httpx2.ASGITransport(app, client=("127.0.0.1", 50000))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers, cookies=editor.cookies
        ) as client:
            with writing(engine):
                answers = [asyncio.create_task(client.post(ITEMS, json=feature)) for feature in made]
                for _ in range(100):
                    assert (await client.get(f"{ITEMS}/sungnyemun")).status_code == 200
                assert not any(answer.done() for answer in answers)
            return {(await answer).status_code for answer in answers}

    engine = open_database(workspace / "content.db")
    try:
        assert asyncio.run(all_at_once()) == {201}
    finally:
        engine.dispose()


def test_a_change_without_if_match_is_428(editor: TestClient) -> None:
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN).status_code == 428
    assert editor.post(f"{ITEMS}/sungnyemun/publish").status_code == 428


def test_the_etag_of_a_packed_answer_names_the_same_revision(
    editor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.server.caching.SMALLEST_TO_PACK", 256)
    read = editor.get(f"{ITEMS}/sungnyemun", headers={"accept-encoding": "gzip"})
    assert read.headers["etag"].endswith('-gzip"')
    headers = {"if-match": read.headers["etag"]}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=headers).status_code == 200


@pytest.mark.parametrize("etag", ['"r99"', '"r1"', "nonsense", '"r1-0123456789ab"', 'W/"r1"'])
def test_an_if_match_that_names_no_revision_of_it_is_412(editor: TestClient, etag: str) -> None:
    answer = editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers={"if-match": etag})
    assert answer.status_code == 412
    assert answer.json()["current"]["revision"] == 1
    assert answer.headers["etag"].startswith('"r1-')


@pytest.mark.parametrize("form", ["*", '"other", {}', "{}"])
def test_an_if_match_that_names_it_among_others_is_taken(editor: TestClient, form: str) -> None:
    headers = {"if-match": form.format(etag_of(editor))}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=headers).status_code == 200


def test_a_weak_etag_names_nothing_that_may_be_overwritten(editor: TestClient) -> None:
    headers = {"if-match": f"W/{etag_of(editor)}"}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=headers).status_code == 412


def test_whoever_saves_second_is_told_what_the_first_wrote(editor: TestClient) -> None:
    read = {"if-match": etag_of(editor)}
    first = editor.put(f"{ITEMS}/sungnyemun", json=changed(name_en="First"), headers=read)
    assert first.status_code == 200
    second = editor.put(f"{ITEMS}/sungnyemun", json=changed(name_en="Second"), headers=read)
    assert second.status_code == 412
    assert second.json()["current"]["properties"]["name_en"] == "First"
    assert second.headers["etag"] == first.headers["etag"]


def test_a_broken_record_comes_back_with_every_fault_by_field(editor: TestClient) -> None:
    answer = editor.post(ITEMS, json=place("x", "가", "", 126.9, 37.5, category="castle"))
    assert answer.status_code == 422
    assert {"name_en", "category"} <= {fault["field"] for fault in answer.json()["faults"]}


def test_an_id_that_is_taken_is_409(editor: TestClient) -> None:
    assert editor.post(ITEMS, json=SUNGNYEMUN).status_code == 409


def test_nobody_changes_anything_without_session_token_and_origin(editor: TestClient) -> None:
    foreign = {"if-match": '"r1"', "origin": "https://elsewhere.example"}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=foreign).status_code == 403
    forged = {b"if-match": b'"r1"', b"x-csrf-token": b"forged-\xe9"}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=forged).status_code == 403
    elsewhere = {"if-match": '"r1"', "sec-fetch-site": "cross-site"}
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers=elsewhere).status_code == 403
    editor.cookies.clear()
    assert editor.put(f"{ITEMS}/sungnyemun", json=SUNGNYEMUN, headers={"if-match": '"r1"'}).status_code == 401


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"type": NaN}', "application/json", 400),
        (b'"\\ud800"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[" * 30 + b"]" * 30, "application/json", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b" " * (1 << 20) + b"{}", "application/json", 413),
    ],
)
def test_a_body_that_is_no_feature_is_refused(
    editor: TestClient, body: bytes, media_type: str, status: int
) -> None:
    answer = editor.post(ITEMS, content=body, headers={"content-type": media_type})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}
