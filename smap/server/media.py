"""Pictures and sounds: what lies in WORKSPACE/media at /media/, the shipped renderings at /pictures/.

A record's own picture comes first. Where it has none, the rendering of its place in the sample city stands
for it and says that it is one. A file is sent when its name and its bytes agree; nothing that a browser would
run (SVG, HTML) has such a name.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.record import Record
from smap.errors import FormatError, NotFoundError
from smap.server.caching import REVALIDATE, content_etag
from smap.server.links import quoted_path
from smap.server.tiles import tile_answer
from smap.store import StoredTile

__all__ = ["Media", "MediaShelf", "Picture", "media_routes"]

LARGEST_FILE = 20_000_000
"""Bytes, held in memory while they are sent; photos for the web have a tenth of it."""
MOST_PIXELS = 25_000_000
_PICTURES = {".avif": "AVIF", ".jpeg": "JPEG", ".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
"""By Pillow's names."""
_SOUNDS = {
    ".m4a": (4, (b"ftyp",)),
    ".mp3": (0, (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    ".ogg": (0, (b"OggS",)),
}
"""Which bytes stand where: ISO/IEC 14496-12; ID3 and frames of layer III; RFC 3533."""
_TYPES = {
    **{suffix: f"image/{form.lower()}" for suffix, form in _PICTURES.items()},
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
_SEEN = ("picture", "rendering", "drawing")
_CREDIT = {
    "ko": "S-Map 표본 도시 렌더링",
    "en": "S-Map rendering of the sample city",
    "ja": "S-Map 見本都市のレンダリング",
    "zh": "S-Map 样本城市渲染图",
}
_ALT = {  # true also of a place beyond the edge of the sample
    "ko": "{} 쪽을 바라본 3차원 표본 도시, 사진이 아닌 렌더링",
    "en": "The 3D sample city seen toward {}: a rendering, not a photograph",
    "ja": "{}の方を望む3D見本都市(写真ではなくレンダリング)",
    "zh": "朝向{}的三维样本城市渲染图，并非照片",
}

_log = logging.getLogger("smap.server")


@dataclass(frozen=True, slots=True)
class Picture:
    """What stands for a record. `address`: a path of ours, or on the web where it is `foreign`.

    medium: as a record's media are, its credit also by language. width, height: pixels; 0 where not known.
    """

    address: str
    medium: Mapping[str, Any]
    width: int = 0
    height: int = 0

    @property
    def foreign(self) -> bool:
        """Whether it lies elsewhere: our pages show nothing of others, they link to it."""
        return not self.address.startswith("/")


class MediaShelf:
    """The files of one folder. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[tuple[str, str], tuple[int, int]] = {}

    def read(self, path: str) -> StoredTile:
        """A file by its path below the folder.

        Errors: NotFoundError where there is none that may be sent; FormatError where its bytes are not what
        its name says.
        """
        suffix = _suffix(path)
        body = self._bytes(path)
        etag = content_etag(body)
        if (etag, suffix) not in self._sizes:
            self._sizes[etag, suffix] = _size(path, suffix, body)
        return StoredTile(body, None, _TYPES[suffix], etag, len(body))

    def size_of(self, path: str) -> tuple[int, int] | None:
        """Width and height of a picture in pixels; None where it cannot be sent; (0, 0) of a sound."""
        try:
            etag = self.read(path).etag
        except (NotFoundError, FormatError):
            return None
        return self._sizes[etag, _suffix(path)]

    def _bytes(self, path: str) -> bytes:
        name = f"{os.path.realpath(self._folder)}/{path}"
        try:
            file = Path(name)
            # a path that is not its own real path climbs, or leads over a link
            if not file.is_file() or os.path.realpath(name) != name:
                raise _nothing(path)
            if file.stat().st_size > LARGEST_FILE:
                raise FormatError(f"{path:.200} has more than {LARGEST_FILE} bytes: make it smaller")
            return file.read_bytes()
        except (OSError, ValueError):
            raise _nothing(path) from None


class Media:
    """The media of a workspace and the shipped renderings."""

    def __init__(self, workspace: Path, renderings: Path) -> None:
        self.own = MediaShelf(workspace / "media")
        self.renderings = MediaShelf(renderings)

    def pictures_of(self, record: Record) -> Iterator[Picture]:
        """Its own pictures, those that lie here first, and the rendering of its place at the end."""
        seen = [medium for medium in record.properties.get("media", []) if medium.get("kind") in _SEEN]
        for medium in seen:
            size = self.own.size_of(str(medium["path"])) if medium.get("path") else None
            if size is not None:
                yield Picture(f"/media/{quoted_path(medium['path'])}", medium, *size)
        for medium in seen:
            if str(medium.get("url", "")).startswith(("https://", "http://")):
                yield Picture(str(medium["url"]), medium)
        path = f"{record.layer}/{record.id}.webp"
        size = self.renderings.size_of(path)
        if size is not None:
            yield Picture(f"/pictures/{quoted_path(path)}", _rendering_of(record), *size)


def media_routes(media: Media) -> list[Route]:
    """`/media/` and `/pictures/`: whole or in parts, asked again at each use (the names say no version)."""
    return [_route("/media", media.own), _route("/pictures", media.renderings)]


def _route(mount: str, shelf: MediaShelf) -> Route:
    def medium(request: Request) -> Response:
        path = request.path_params["path"]
        try:
            stored = shelf.read(path)
        except FormatError as error:
            _log.error("%s/%s is not sent: %s", mount, quoted_path(path), error)
            raise NotFoundError(str(error)) from None
        answer = tile_answer(stored, request.headers, method=request.method, public=True)
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            answer.headers["cache-control"] = REVALIDATE
            del answer.headers["vary"]
        return answer

    return Route(f"{mount}/{{path:path}}", medium)


def _rendering_of(record: Record) -> Mapping[str, str]:
    said = record.properties
    return {
        "kind": "rendering",
        "licence": "CC-BY-4.0",
        "credit": _CREDIT["en"],
        **{f"credit_{lang}": credit for lang, credit in _CREDIT.items()},
        **{f"alt_{lang}": alt.format(_name(said, lang)) for lang, alt in _ALT.items()},
    }


def _name(said: Mapping[str, Any], lang: str) -> str:
    return str(said.get(f"name_{lang}") or said["name_en"])


def _nothing(path: str) -> NotFoundError:
    return NotFoundError(f"there is no picture or sound {path!r:.200}")


def _suffix(path: str) -> str:
    """NotFoundError where it is none of ours."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in _TYPES:
        raise _nothing(path)
    return suffix


def _size(path: str, suffix: str, body: bytes) -> tuple[int, int]:
    """Pixels; (0, 0) of a sound. FormatError where the bytes are not of the format that the suffix names."""
    if suffix in _SOUNDS:
        at, marks = _SOUNDS[suffix]
        if not body.startswith(marks, at):
            raise FormatError(f"{path:.200} does not begin as a {suffix} does: write it anew")
        return 0, 0
    form = _PICTURES[suffix]
    try:
        with Image.open(io.BytesIO(body), formats=[form]) as image:
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.load()
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like on damaged bytes
        raise FormatError(
            f"{path:.200} is no {form} picture ({type(error).__name__}): write it anew"
        ) from None
    if width * height > MOST_PIXELS:
        raise FormatError(f"{path:.200} has {width} x {height} pixels: make it smaller")
    return width, height
