from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient

from smap.content.record import Record
from smap.errors import FormatError, NotFoundError
from smap.server.media import LARGEST_FILE, Media, MediaShelf
from tests.server.city import place
from tests.server.test_places import NOW

RENDERING = "/pictures/heritage/sungnyemun.webp"
SHIPPED = Path(__file__).parents[2] / "content" / "pictures"


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small picture of a slope of grey, in one of Pillow's formats."""
    body = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(body, form)
    return body.getvalue()


@pytest.fixture
def folder(workspace: Path) -> Path:
    """The workspace's own media."""
    made = workspace / "media"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("gates/a.jpg", picture("JPEG"), "image/jpeg"),
        ("a.JPEG", picture("JPEG"), "image/jpeg"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.webp", picture("WEBP"), "image/webp"),
        ("a.avif", picture("AVIF"), "image/avif"),
        ("사진/문 앞.jpg", picture("JPEG"), "image/jpeg"),
        ("a.ogg", b"OggS" + bytes(40), "audio/ogg"),
        ("a.mp3", b"ID3" + bytes(40), "audio/mpeg"),
        ("a.m4a", bytes(4) + b"ftypM4A " + bytes(40), "audio/mp4"),
    ],
)
def test_a_file_of_the_workspace_is_sent_as_what_it_is(
    client: TestClient, folder: Path, name: str, body: bytes, media_type: str
) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    answer = client.get(f"/media/{quote(name)}")
    assert answer.content == body
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


def test_what_a_client_has_is_not_sent_again_and_a_changed_file_is(client: TestClient, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(picture())
    etag = client.get("/media/a.jpg").headers["etag"]
    again = client.get("/media/a.jpg", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "a.jpg").write_bytes(picture(size=(50, 30)))
    assert client.get("/media/a.jpg", headers={"if-none-match": etag}).status_code == 200


def test_a_head_tells_what_a_get_would_send(client: TestClient) -> None:
    got, head = client.get(RENDERING), client.head(RENDERING)
    assert head.status_code == 200
    for name in ("etag", "content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


def test_a_part_can_be_had(client: TestClient, folder: Path) -> None:
    """A player asks for a part of a sound first: without ranges it cannot seek."""
    body = b"OggS" + bytes(range(200))
    (folder / "a.ogg").write_bytes(body)
    part = client.get("/media/a.ogg", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(body)}"
    assert client.get("/media/a.ogg", headers={"range": "bytes=900-"}).status_code == 416


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.jpg", b"<html><script>alert(1)</script>"),
        ("a.jpg", picture("PNG")),
        ("a.png", picture("PNG")[:-30]),
        ("a.webp", b""),
        ("a.ogg", picture("PNG")),
    ],
)
def test_what_is_not_what_its_name_says_is_not_sent(
    client: TestClient, folder: Path, name: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / name).write_bytes(body)
    answer = client.get(f"/media/{name}")
    assert answer.status_code == 404
    assert answer.json()["message"].startswith(name)
    assert [line for line in caplog.messages if f"/media/{name} is not sent: {name}" in line]


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.jpg.html", "a.xml", "a", "a.gif", "a.js"])
def test_nothing_that_a_browser_runs_is_sent(client: TestClient, folder: Path, name: str) -> None:
    (folder / name).write_bytes(picture())
    assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["../secret.jpg", "gates/../../secret.jpg", "./a.jpg", "gates//a.jpg", "/a.jpg", "a.jpg/", "gates"],
)
def test_a_path_leads_nowhere_but_down(folder: Path, path: str) -> None:
    (folder / "gates").mkdir()
    for file in (folder / "a.jpg", folder / "gates" / "a.jpg", folder.parent / "secret.jpg"):
        file.write_bytes(picture())
    shelf = MediaShelf(folder)
    assert shelf.read("gates/a.jpg").body == picture()
    with pytest.raises(NotFoundError):
        shelf.read(path)
    with pytest.raises(NotFoundError):
        shelf.read(str(folder.parent / "secret.jpg"))


@pytest.mark.parametrize("path", ["a\0.jpg", f"{'가' * 200}.jpg", f"{'a/' * 3000}a.jpg", "a.jpg/b.jpg"])
def test_a_name_that_no_file_can_have_names_nothing(folder: Path, path: str) -> None:
    (folder / "a.jpg").write_bytes(picture())
    with pytest.raises(NotFoundError):
        MediaShelf(folder).read(path)


@pytest.mark.parametrize("path", ["%2e%2e/secret.jpg", "gates/%2e%2e/%2e%2e/secret.jpg", "%2Fetc/a.jpg"])
def test_a_coded_path_leads_nowhere_either(client: TestClient, folder: Path, path: str) -> None:
    (folder.parent / "secret.jpg").write_bytes(picture())
    assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize("make", [os.symlink, lambda _to, at: os.mkfifo(at), lambda _to, at: at.mkdir()])
def test_links_pipes_and_folders_are_no_media(
    client: TestClient, folder: Path, make: Callable[[Path, Path], None]
) -> None:
    (folder.parent / "secret.jpg").write_bytes(picture())
    make(folder.parent / "secret.jpg", folder / "a.jpg")
    assert client.get("/media/a.jpg").status_code == 404


def test_a_folder_that_is_a_link_in_the_media_is_not_followed(client: TestClient, folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "a.jpg").write_bytes(picture())
    (folder / "in").symlink_to(folder.parent / "elsewhere")
    assert client.get("/media/in/a.jpg").status_code == 404


def test_a_workspace_may_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.jpg").write_bytes(picture())
    (tmp_path / "media").symlink_to(tmp_path / "disk")
    assert MediaShelf(tmp_path / "media").read("a.jpg").media_type == "image/jpeg"


def test_what_is_too_large_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    os.truncate(tmp_path / "a.jpg", LARGEST_FILE + 1)
    (tmp_path / "wide.png").write_bytes(picture("PNG", (6000, 5000)))
    with pytest.raises(FormatError, match=r"a\.jpg has more than"):
        MediaShelf(tmp_path).read("a.jpg")
    with pytest.raises(FormatError, match=r"wide\.png has 6000 x 5000 pixels"):
        MediaShelf(tmp_path).read("wide.png")


@given(path=st.text(max_size=300), tail=st.sampled_from(["", ".jpg", ".webp", "\0.jpg", "/../a.png"]))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_path_is_asked_for_there_is_a_file_or_one_line(tmp_path: Path, path: str, tail: str) -> None:
    with pytest.raises(NotFoundError):
        MediaShelf(tmp_path).read(path + tail)


@given(path=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_breaks_the_server(client: TestClient, path: str) -> None:
    for mount in ("media", "pictures"):
        assert client.get(f"/{mount}/{quote(path, safe='/')}").status_code in {404, 405}


def record(**more: Any) -> Record:
    said = place("sungnyemun", "숭례문", "Sungnyemun", 126.9753, 37.56, **more)
    return Record("heritage", "sungnyemun", 1, "published", said["geometry"], said["properties"], NOW)


def medium(**more: str) -> dict[str, str]:
    told = {"kind": "picture", "licence": "CC0", "credit": "Kim", "alt_ko": "문", "alt_en": "A gate"}
    return told | more


def test_a_record_without_media_has_the_rendering_of_its_place(tmp_path: Path) -> None:
    (found,) = Media(tmp_path, SHIPPED).pictures_of(record())
    assert found.address == RENDERING
    assert (found.width, found.height) == (640, 400)
    assert found.medium["kind"] == "rendering"
    assert "Sungnyemun" in found.medium["alt_en"]
    assert "숭례문" in found.medium["alt_ko"]


def test_a_records_own_pictures_come_first_those_that_lie_here_before_others(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "문.jpg").write_bytes(picture())
    media = [
        medium(kind="audio", path="a.ogg"),
        medium(url="https://pictures.example/b.jpg"),
        medium(path="gone.jpg"),
        medium(path="문.jpg"),
    ]
    found = list(Media(tmp_path, SHIPPED).pictures_of(record(media=media)))
    addresses = [each.address for each in found]
    assert addresses == ["/media/%EB%AC%B8.jpg", "https://pictures.example/b.jpg", RENDERING]
    assert [each.foreign for each in found] == [False, True, False]


def test_a_record_that_nobody_rendered_has_no_picture(tmp_path: Path) -> None:
    assert list(Media(tmp_path, tmp_path).pictures_of(record())) == []
