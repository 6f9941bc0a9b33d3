from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from smap.server.app import create_app
from smap.settings import Settings


def test_the_viewer_is_asked_for_again_and_its_hashed_files_never(client: TestClient) -> None:
    index = client.get("/", headers={"accept-encoding": "gzip"})
    asset = client.get("/assets/index-CoTlyDVD.js", headers={"accept-encoding": "gzip"})
    assert index.headers["cache-control"] == "no-cache"
    assert index.headers["content-encoding"] == "gzip"
    assert "viewer" in index.text
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert client.get("/", headers={"if-none-match": index.headers["etag"]}).status_code == 304


def test_plain_and_packed_forms_have_their_own_etags(client: TestClient) -> None:
    packed = client.get("/", headers={"accept-encoding": "gzip"})
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert plain.text == packed.text
    assert plain.headers["etag"] != packed.headers["etag"]


def test_the_editor_has_its_page(client: TestClient) -> None:
    assert "editor" in client.get("/edit").text


def test_paths_are_names_in_the_bundle_and_never_files(client: TestClient) -> None:
    for path in ("/../content.db", "/%2e%2e/content.db", "/assets/", "/content.db", "/index.html/"):
        assert client.get(path).status_code == 404


def test_without_the_bundle_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    app = create_app(Settings(workspace=tmp_path), viewer=tmp_path / "none")
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 5)) as client:
        for path in ("/", "/edit"):
            answer = client.get(path, headers={"accept-language": "en"})
            assert answer.status_code == 200
            assert "make setup" in answer.text


def test_the_editor_by_its_file_name_needs_https_too(app: ASGIApp) -> None:
    with TestClient(app, base_url="http://localhost", client=("203.0.113.9", 50000)) as far:
        assert [far.get(path).status_code for path in ("/edit", "/edit.html")] == [403, 403]
