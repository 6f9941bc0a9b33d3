from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from smap.server.tiles import tile_answer
from smap.store.tile import tile_of
from tests.content.rounds import rounds
from tests.server.city import DENSE, TILE, TILESET, VERSION, publish_city

BASE = f"/tiles/seoul-buildings/{VERSION}"
PACKED = tile_of("a.glb", gzip.compress(TILE))


def test_a_tile_leaves_in_the_archives_own_gzip_body(client: TestClient) -> None:
    answer = client.get(f"{BASE}/content/0/0.glb", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TILE)
    assert answer.content == TILE
    assert answer.headers["content-type"] == "model/gltf-binary"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_client_without_gzip_gets_plain_bytes_under_another_etag(client: TestClient) -> None:
    packed = client.get(f"{BASE}/content/0/0.glb", headers={"accept-encoding": "gzip"})
    plain = client.get(f"{BASE}/content/0/0.glb", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == TILE
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_what_the_archive_stores_plain_goes_out_plain(client: TestClient) -> None:
    answer = client.get(f"{BASE}/dense.bin", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content == DENSE


def test_a_known_etag_is_answered_304_without_a_body(client: TestClient) -> None:
    etag = client.get(f"{BASE}/tileset.json").headers["etag"]
    again = client.get(f"{BASE}/tileset.json", headers={"if-none-match": etag})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == etag


def test_head_tells_what_get_would_send(client: TestClient) -> None:
    told, sent = client.head(f"{BASE}/tileset.json"), client.get(f"{BASE}/tileset.json")
    assert told.content == b""
    for name in ("content-length", "etag", "content-type", "cache-control"):
        assert told.headers[name] == sent.headers[name]


def test_a_range_counts_the_encoded_bytes() -> None:
    asked = Headers({"accept-encoding": "gzip", "range": "bytes=2-5"})
    answer = tile_answer(PACKED, asked, method="GET", public=True)
    assert answer.status_code == 206
    assert answer.body == PACKED.body[2:6]
    assert answer.headers["content-range"] == f"bytes 2-5/{len(PACKED.body)}"
    assert answer.headers["content-encoding"] == "gzip"


def test_a_range_outside_is_416_and_names_the_size() -> None:
    answer = tile_answer(PACKED, Headers({"range": f"bytes={len(TILE)}-"}), method="GET", public=True)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(TILE)}"


@pytest.mark.parametrize(("validator", "status"), [(PACKED.as_identity().etag, 206), ('"old"', 200)])
def test_if_range_gives_a_part_only_of_the_same_bytes(validator: str, status: int) -> None:
    asked = Headers({"range": "bytes=0-3", "if-range": validator})
    assert tile_answer(PACKED, asked, method="GET", public=True).status_code == status


@given(
    first=st.integers(0, 12_000), length=st.integers(1, 12_000), coding=st.sampled_from(["gzip", "identity"])
)
def test_every_part_of_a_tile_is_that_part_of_the_whole(first: int, length: int, coding: str) -> None:
    whole = tile_answer(PACKED, Headers({"accept-encoding": coding}), method="GET", public=True).body
    asked = Headers({"accept-encoding": coding, "range": f"bytes={first}-{first + length - 1}"})
    part = tile_answer(PACKED, asked, method="GET", public=True)
    if first >= len(whole):
        assert part.status_code == 416
    else:
        assert part.body == bytes(whole)[first : first + length]


def test_a_preflight_allows_reading_only(client: TestClient) -> None:
    answer = client.options(f"{BASE}/tileset.json", headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert "Range" in answer.headers["access-control-allow-headers"]


def test_tiles_cannot_be_written(client: TestClient) -> None:
    answer = client.put(f"{BASE}/tileset.json", content=b"{}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/../../../content.db",
        f"{BASE}/%2e%2e/%2e%2e/content.db",
        f"{BASE}//tileset.json",
        f"{BASE}/",
        f"{BASE}/@3dtilesIndex1@",
        "/tiles/seoul-buildings/ffffffffffff/tileset.json",
        f"/tiles/seoul-terrain/{VERSION}/layer.json",
        f"/terrain/seoul-buildings/{VERSION}/tileset.json",
        "/tiles",
        "/tiles/",
        "/tiles/seoul-buildings",
    ],
)
def test_what_is_no_key_is_not_found_as_json(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.long
@settings(
    max_examples=rounds(2000), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(key=st.text(max_size=60))
def test_no_path_is_more_than_a_key(client: TestClient, key: str) -> None:
    known = {"tileset.json": TILESET, "content/0/0.glb": TILE, "dense.bin": DENSE}
    answer = client.get(f"{BASE}/{quote(key, safe='/', errors='replace')}")
    if answer.status_code == 200:
        assert answer.content == known[key]
    else:
        assert answer.status_code == 404


def test_terrain_has_its_own_address(client: TestClient) -> None:
    answer = client.get(f"/terrain/seoul-terrain/{VERSION}/layer.json")
    assert (answer.status_code, answer.json()["format"]) == (200, "quantized-mesh-1.0")
    tile = client.get(f"/terrain/seoul-terrain/{VERSION}/0/1/0.terrain")
    assert tile.headers["content-type"] == "application/vnd.quantized-mesh"


def test_tiles_for_staff_want_a_session(client: TestClient) -> None:
    answer = client.get(f"/tiles/seoul-secret/{VERSION}/tileset.json")
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"


def test_a_version_of_an_older_release_stays_readable(client: TestClient, workspace: Path) -> None:
    publish_city(workspace, release="second", version="ba9876543210")
    assert client.get("/tiles/seoul-buildings/ba9876543210/tileset.json").status_code == 200
    assert client.get(f"{BASE}/tileset.json").status_code == 200


def test_damaged_bytes_are_told_as_ours_and_logged(
    client: TestClient, workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = workspace / "builds" / "seoul-buildings" / VERSION / "seoul-buildings.3tz"
    whole = archive.read_bytes()
    at = whole.index(b"content/0/0.glb") + len(b"content/0/0.glb")
    archive.write_bytes(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    answer = client.get(f"{BASE}/content/0/0.glb", headers={"accept-encoding": "identity"})
    assert answer.status_code == 500
    assert "zlib" not in answer.text
    assert "inflate" not in answer.text
    assert "damaged tile" in caplog.text
