from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from smap.server.app import create_app
from smap.settings import Settings
from tests.server.city import PASSWORD, VERSION

LOGIN = {"name": "younghee", "password": PASSWORD}


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(client: TestClient) -> None:
    answer = client.post("/session", json=LOGIN)
    cookie = answer.headers["set-cookie"].lower()
    assert answer.json()["name"] == "younghee"
    assert cookie.startswith("smap_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/session").json() == answer.json()


def test_over_https_the_cookie_is_bound_to_host_and_tls(app: ASGIApp) -> None:
    with TestClient(app, base_url="https://localhost", client=("203.0.113.9", 4000)) as client:
        answer = client.post("/session", json=LOGIN)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-smap=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert answer.headers["strict-transport-security"]


def test_signing_in_again_ends_the_session_before(client: TestClient) -> None:
    client.post("/session", json=LOGIN)
    before = client.cookies["smap_session"]
    client.post("/session", json=LOGIN)
    assert client.cookies["smap_session"] != before
    client.cookies.clear()
    answer = client.get("/session", headers={"cookie": f"smap_session={before}"})
    assert answer.json()["name"] is None


def test_signing_out_ends_it(client: TestClient) -> None:
    csrf = client.post("/session", json=LOGIN).json()["csrf"]
    assert client.delete("/session").status_code == 403
    assert client.delete("/session", headers={"x-csrf-token": csrf}).status_code == 204
    assert client.get("/session").json()["name"] is None


def test_a_wrong_password_and_an_unknown_name_are_told_alike(client: TestClient) -> None:
    wrong = client.post("/session", json={"name": "younghee", "password": "nope"})
    unknown = client.post("/session", json={"name": "nobody", "password": "nope"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers


def test_guessing_is_slowed_down_and_told_when_to_come_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smap.content.access._verifies", lambda _hashed, password: password == PASSWORD)
    for _ in range(10):
        assert client.post("/session", json=LOGIN | {"password": "nope"}).status_code == 401
    answer = client.post("/session", json=LOGIN)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["retry-after"] == "900"
    assert "set-cookie" not in answer.headers


def test_a_login_from_another_sites_page_is_refused(client: TestClient) -> None:
    assert client.post("/session", json=LOGIN, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/session", json=LOGIN, headers={"origin": "null"}).status_code == 403


def test_a_login_wants_name_and_password_as_texts(client: TestClient) -> None:
    assert client.post("/session", json={"name": 1, "password": []}).status_code == 422
    assert client.post("/session", json=[]).status_code == 422


def test_a_login_is_a_short_body(client: TestClient) -> None:
    long = client.post("/session", json=LOGIN | {"password": "a" * 9000})
    assert (long.status_code, long.json()["code"]) == (413, "content_too_large")


def test_a_token_that_somebody_planted_is_never_taken_up(client: TestClient) -> None:
    client.cookies.set("smap_session", "planted")
    answer = client.post("/session", json=LOGIN)
    assert answer.status_code == 200
    assert "planted" not in answer.headers["set-cookie"]
    client.cookies.clear()
    assert client.get("/session", headers={"cookie": "smap_session=planted"}).json()["name"] is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_login_that_a_browser_calls_foreign_is_refused(client: TestClient, site: str) -> None:
    assert client.post("/session", json=LOGIN, headers={"sec-fetch-site": site}).status_code == 403


def test_a_form_of_another_site_cannot_sign_anybody_in(client: TestClient) -> None:
    form = client.post("/session", data=LOGIN)
    plain = client.post("/session", content=json.dumps(LOGIN), headers={"content-type": "text/plain"})
    assert form.status_code == plain.status_code == 415


def test_who_is_signed_in_is_for_our_own_pages(client: TestClient) -> None:
    client.post("/session", json=LOGIN)
    answer = client.get("/session", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_plain_http_elsewhere_than_loopback_gets_no_sign_in(workspace: Path) -> None:
    app = create_app(Settings(workspace=workspace, allowed_hosts=("smap.example",)))
    with TestClient(app, base_url="http://smap.example", client=("203.0.113.9", 4000)) as client:
        assert client.post("/session", json=LOGIN).status_code == 403
        assert client.get("/session").json()["secure"] is False
        page = client.get("/edit", headers={"accept-language": "en"})
        assert page.status_code == 403
        assert "Editing needs HTTPS" in page.text
    with TestClient(app, base_url="http://localhost", client=("203.0.113.9", 4000)) as client:
        assert client.post("/session", json=LOGIN).status_code == 403


def test_staff_read_what_is_theirs_and_no_shared_cache_keeps_it(client: TestClient) -> None:
    client.post("/session", json=LOGIN)
    answer = client.get(f"/tiles/seoul-secret/{VERSION}/tileset.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    assert "seoul-secret" not in client.get("/catalog.json").text
