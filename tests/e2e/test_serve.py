"""The real command in its own process, spoken to by curl and GDAL: what no in-process client can prove."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.content.rounds import rounds
from tests.e2e.serving import serving
from tests.server.city import PASSWORD, SUNGNYEMUN, TILE, VERSION, fill_content, publish_city

ITEMS = "api/collections/heritage/items"
TILE_PATH = f"tiles/seoul-buildings/{VERSION}/content/0/0.glb"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(url: str, *options: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case) and the body as it came over the wire."""
    command = [
        "curl",
        "-s",
        "-i",
        "--http1.1",
        "--max-time",
        "30",
        "--retry-connrefused",
        "--retry",
        "5",
        url,
        *options,
    ]
    answer = subprocess.run(command, check=True, capture_output=True).stdout
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(status.split()[1]), headers, body


def ask(url: str, method: str, body: Any, jar: Path, *headers: str) -> tuple[int, dict[str, str], Any]:
    """A JSON request with a cookie jar."""
    named = [part for header in ("Content-Type: application/json", *headers) for part in ("-H", header)]
    sent = [] if body is None else ["--data-binary", json.dumps(body)]
    status, found, text = curl(url, "-X", method, "-b", str(jar), "-c", str(jar), *named, *sent)
    return status, found, json.loads(text or b"null")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that reads only."""
    workspace = tmp_path_factory.mktemp("city")
    publish_city(workspace)
    fill_content(workspace, datetime.now(UTC))
    with serving(workspace) as (address, _):
        yield address


def test_curl_gets_a_gzip_tile_that_inflates_to_the_tile(city: str) -> None:
    status, headers, body = curl(city + TILE_PATH, "-H", "Accept-Encoding: gzip")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert int(headers["content-length"]) == len(body)
    assert zlib.decompress(body, 31) == TILE


def test_curl_without_gzip_gets_the_plain_tile(city: str) -> None:
    status, headers, body = curl(city + TILE_PATH)
    assert (status, body) == (200, TILE)
    assert "content-encoding" not in headers


def test_head_has_the_length_and_no_body(city: str) -> None:
    status, headers, body = curl(city + TILE_PATH, "-I")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == len(TILE)


def test_json_is_packed_on_the_wire_and_head_says_the_same(city: str) -> None:
    asked = (f"{city}api/collections", "-H", "Accept-Encoding: gzip")
    status, headers, body = curl(*asked)
    assert (status, headers["content-encoding"], int(headers["content-length"])) == (200, "gzip", len(body))
    assert json.loads(zlib.decompress(body, 31))["collections"]
    _, head, nothing = curl(*asked, "-I")
    assert nothing == b""
    assert {**head, "date": ""} == {**headers, "date": ""}


def test_nobody_is_believed_to_be_a_proxy_unless_named(
    tmp_path: Path, city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ("-H", "X-Forwarded-Proto: https", "-H", "X-Forwarded-For: 203.0.113.9")
    assert "strict-transport-security" not in curl(f"{city}session", *told)[1]
    monkeypatch.setenv("SMAP_TRUSTED_PROXIES", "127.0.0.1")
    with serving(tmp_path) as (address, _):
        assert "strict-transport-security" in curl(f"{address}session", *told)[1]


def test_a_known_etag_costs_no_bytes(city: str) -> None:
    etag = curl(city + TILE_PATH)[1]["etag"]
    status, _, body = curl(city + TILE_PATH, "-H", f"If-None-Match: {etag}")
    assert (status, body) == (304, b"")


def test_curl_resumes_a_tile_in_two_parts(city: str) -> None:
    status, headers, first = curl(city + TILE_PATH, "-r", "0-99")
    assert (status, headers["content-range"]) == (206, f"bytes 0-99/{len(TILE)}")
    rest = curl(city + TILE_PATH, "-r", "100-")[2]
    assert first + rest == TILE
    assert curl(city + TILE_PATH, "-r", "999999-")[0] == 416


def test_a_path_that_climbs_finds_nothing(city: str) -> None:
    for path in ("../../../content.db", "%2e%2e/%2e%2e/content.db", "..%2f..%2fcontent.db", "%00"):
        assert curl(f"{city}tiles/seoul-buildings/{VERSION}/{path}", "--path-as-is")[0] == 404


@pytest.mark.long
@pytest.mark.parametrize("_round", range(rounds(20)))
def test_a_saved_text_outlives_kill_9_right_after_the_answer(tmp_path: Path, _round: int) -> None:
    fill_content(tmp_path, datetime.now(UTC))
    jar = tmp_path / "jar"
    text = {**SUNGNYEMUN["properties"], "text_ko": "불탄 뒤에 다시 선 문."}
    with serving(tmp_path) as (address, process):
        _, _, me = ask(f"{address}session", "POST", {"name": "younghee", "password": PASSWORD}, jar)
        token = f"X-CSRF-Token: {me['csrf']}"
        url = f"{address}{ITEMS}/sungnyemun"
        read = f"If-Match: {ask(url, 'GET', None, jar)[1]['etag']}"
        saved = ask(url, "PUT", {**SUNGNYEMUN, "properties": text}, jar, token, read)
        os.kill(process.pid, signal.SIGKILL)
        assert saved[0] == 200
    with serving(tmp_path) as (address, _):
        url = f"{address}{ITEMS}/sungnyemun"
        assert ask(f"{url}?draft=1", "GET", None, jar)[2]["properties"]["text_ko"] == text["text_ko"]
        assert ask(f"{url}/publish", "POST", None, jar, token, f"If-Match: {saved[1]['etag']}")[0] == 200
        assert ask(url, "GET", None, jar)[2]["properties"]["text_ko"] == text["text_ko"]


def test_two_workers_share_one_port_and_one_session(tmp_path: Path) -> None:
    fill_content(tmp_path, datetime.now(UTC))
    jar = tmp_path / "jar"
    with serving(tmp_path, "--workers", "2") as (address, _):
        ask(f"{address}session", "POST", {"name": "younghee", "password": PASSWORD}, jar)
        names = {ask(f"{address}session", "GET", None, jar)[2]["name"] for _ in range(8)}
    assert names == {"younghee"}


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-m",
            "smap.cli.main",
            "serve",
            "--workspace",
            str(tmp_path),
            "--port",
            port,
        ]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.count("\n") == 1
    assert f"port {port}" in told.stderr


def test_an_empty_workspace_is_served_and_stays_empty(tmp_path: Path) -> None:
    workspace = tmp_path / "var"
    workspace.mkdir()
    with serving(workspace) as (address, process):
        catalog = json.loads(curl(f"{address}catalog.json")[2])
        assert catalog == {"release": None, "tilesets": [], "layers": []}
        assert curl(address)[0] == 200
    assert process.returncode == 0
    log = (workspace / "serve.log").read_text()
    assert "has no release yet" in log
    assert "Traceback" not in log
    assert [path.name for path in workspace.iterdir()] == ["serve.log"]
