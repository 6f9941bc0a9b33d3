"""Which form of an answer a client wants: JSON or a page, gzip or plain, Korean or English."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["LANGUAGES", "accepts_gzip", "json_bytes", "json_response", "language", "wants_html", "weights"]

JSON = "application/json"
LANGUAGES = ("ko", "en")
_DATA = (JSON, "application/geo+json")


def json_bytes(document: object) -> bytes:
    """UTF-8 JSON, Korean as itself and not as \\u escapes; NaN is our mistake, never an answer."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def json_response(
    document: object,
    *,
    status: int = HTTPStatus.OK,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer in JSON."""
    return Response(json_bytes(document), status, dict(headers or {}), media_type)


def weights(header: str) -> dict[str, float]:
    """The q-values of an Accept-* header (RFC 9110 §12.4.2), names in lower case; a bad q counts as 0."""
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            found[name] = _quality(parameters)
    return found


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding allows gzip (RFC 9110 §12.5.3); no header means plain bytes."""
    asked = weights(header)
    return asked.get("gzip", asked.get("x-gzip", asked.get("*", 0.0))) > 0.0


def wants_html(request: Request, *, default: bool = False) -> bool:
    """JSON is the answer unless Accept prefers text/html; `?f=json` or `?f=html` decides outright."""
    asked = request.query_params.get("f")
    if asked in ("json", "html"):
        return asked == "html"
    accept = weights(request.headers.get("accept", ""))
    html, data = _wanted(accept, "text/html"), max(_wanted(accept, kind) for kind in _DATA)
    return html > data if html != data else default


def _wanted(accept: Mapping[str, float], media_type: str) -> float:
    """The weight of a media type: its own, else that of its family, else of anything (RFC 9110 §12.5.1)."""
    names = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((accept[name] for name in names if name in accept), 0.0)


def language(request: Request, known: Collection[str] = LANGUAGES) -> str:
    """One of the `known`: by ?lang=, else by Accept-Language, else the first of them, Korean."""
    asked = request.query_params.get("lang", "").lower()
    if asked in known:
        return asked
    wanted = weights(request.headers.get("accept-language", ""))
    scores = {code: _best(wanted, code) for code in known}
    return max(known, key=lambda code: scores[code])


def _best(wanted: Mapping[str, float], code: str) -> float:
    """The weight of a language or of any of its regions (`en-GB` counts for `en`)."""
    return max((q for name, q in wanted.items() if name.split("-")[0] == code), default=0.0)
