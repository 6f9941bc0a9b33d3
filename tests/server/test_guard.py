from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from smap.server.guard import host_name, is_loopback


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:8000", "localhost"), ("[::1]:8000", "::1"), ("SMAP.example", "smap.example"), ("", "")],
)
def test_a_host_header_gives_its_name(header: str, name: str) -> None:
    assert host_name(header) == name


@given(st.text())
def test_only_this_machine_is_loopback(name: str) -> None:
    if is_loopback(name):
        assert name == "localhost" or name.startswith("127.") or ":" in name


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "localhost.elsewhere.example",
        "127.0.0.1.nip.io",
        "",
        "localhost:80@elsewhere.example",
        "localhost:80/elsewhere",
        "[::1]elsewhere.example",
        "[::1",
        'localhost:"><script>',
        "localhost:123456",
        "localhost ,elsewhere.example",
    ],
)
def test_a_host_that_is_not_ours_is_turned_away(client: TestClient, host: str) -> None:
    answer = client.get("/catalog.json", headers={"host": host})
    assert answer.status_code == 421
    assert "SMAP_ALLOWED_HOSTS" in answer.json()["message"]


@pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
def test_a_load_balancer_may_ask_for_health_by_an_address(client: TestClient, probe: str) -> None:
    assert client.get(probe, headers={"host": "10.0.3.7:8000"}).status_code == 200


def test_two_hosts_are_one_too_many(client: TestClient) -> None:
    twice = [("host", "localhost"), ("host", "elsewhere.example")]
    assert client.get("/catalog.json", headers=twice).status_code == 421


@pytest.mark.parametrize(
    ("path", "ancestors"),
    [("/", "'self'"), ("/?embed", "*"), ("/?embed=1&lang=ko", "*"), ("/edit?embed", "'none'")],
)
def test_only_the_embedded_viewer_may_be_framed_elsewhere(
    client: TestClient, path: str, ancestors: str
) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors {ancestors}")
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy


@pytest.mark.parametrize("path", ["/", "/catalog.json", "/api", "/place/heritage/nope", "/session", "/tiles"])
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/tiles/x/y/z", "/terrain/x/y/layer.json"])
def test_in_a_tile_nothing_may_run(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_log_holds_neither_words_nor_addresses_nor_keys(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="smap.access"):
        client.get("/api/search?q=비밀", headers={"cookie": "smap_session=secret-token"})
        client.get("/tiles/a%0Ab/c/d")
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("GET /api/search 200 ")
    assert second.startswith("GET /tiles/a%0Ab/c/d 404 ")
    for secret in ("비밀", "secret-token", "127.0.0.1", "?"):
        assert secret not in first


def test_reading_is_open_to_other_sites_and_changing_is_not(client: TestClient) -> None:
    foreign = {"origin": "https://elsewhere.example"}
    assert client.get("/api/collections", headers=foreign).headers["access-control-allow-origin"] == "*"
    assert client.get("/catalog.json", headers=foreign).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.get("/session", headers=foreign).headers
    asked = {**foreign, "access-control-request-method": "PUT"}
    allowed = client.options("/api/collections/heritage/items/x", headers=asked).headers
    assert "PUT" not in allowed["access-control-allow-methods"]


def test_a_fault_of_ours_is_told_without_its_insides(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret path /srv/keys")

    monkeypatch.setattr("smap.server.catalog.catalog_of", broken)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get("/catalog.json")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
