"""GeoJSON in and out (RFC 7946): the content's own form."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from smap.content.exchange.delimited import LONGEST_CELL
from smap.content.exchange.file import encoding_of, open_file, read_text
from smap.content.exchange.row import MOST_ROWS, Row
from smap.content.record import Record
from smap.errors import InputError

__all__ = ["geojson_of", "parse_features", "read_geojson", "read_geojson_lines", "read_geojson_rows"]

_LONLAT = ("CRS84", "EPSG::4326", "EPSG:4326")
"""Endings of the old `crs` member (GeoJSON 2008) that mean what RFC 7946 means anyway."""


def read_geojson(path: Path) -> list[Any]:
    """Give the features of a FeatureCollection or single Feature, unchecked. Errors: InputError."""
    return parse_features(read_text(path), str(path))


def read_geojson_rows(path: Path, encoding: str | None = None, *, any_crs: bool = False) -> Iterator[Row]:
    """Give the properties and the geometry of each feature. Errors: InputError."""
    for feature in parse_features(read_text(path, encoding), str(path), any_crs=any_crs):
        yield _row(feature, str(path))


def read_geojson_lines(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """Give the features of newline-delimited GeoJSON (RFC 8142, also without separators), one by one.

    Errors: InputError.
    """
    encoding = encoding_of(path, encoding)
    with open_file(path) as file:
        stream = io.TextIOWrapper(file, encoding)
        number = 0
        while line := stream.readline(LONGEST_CELL + 1):
            number += 1
            if len(line) > LONGEST_CELL:
                raise InputError(f"{path}: line {number} is longer than {LONGEST_CELL} characters")
            if line.strip("\x1e \r\n"):
                for feature in parse_features(line.strip("\x1e"), f"{path}: line {number}"):
                    yield _row(feature, f"{path}: line {number}")


def _row(feature: object, where: str) -> Row:
    if not isinstance(feature, dict):
        raise InputError(f"{where} is no GeoJSON FeatureCollection: it holds something that is no feature")
    properties = feature.get("properties")
    own = properties if isinstance(properties, dict) else {}
    return Row(({"id": feature["id"]} if "id" in feature else {}) | own, feature.get("geometry"))


def parse_features(text: str, where: str, *, any_crs: bool = False) -> list[Any]:
    """Give the features of GeoJSON text; `where` names it in errors.

    `any_crs`: the caller reprojects, so another CRS than lon, lat of WGS84 is no error. Errors: InputError.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where} is no JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except (RecursionError, ValueError) as error:
        raise InputError(f"{where} is no JSON that can be read: {error}") from None
    if not isinstance(document, dict):
        raise InputError(f"{where} is no GeoJSON: it holds no object")
    if not any_crs:
        _check_crs(document.get("crs"), where)
    features = [document] if document.get("type") == "Feature" else document.get("features")
    if not isinstance(features, list):
        raise InputError(f"{where} is no GeoJSON FeatureCollection: it has no list of features")
    if len(features) > MOST_ROWS:
        raise InputError(f"{where} has {len(features)} features: {MOST_ROWS} is the most; split it")
    return features


def geojson_of(records: Iterable[Record], *, revisions: bool = False) -> bytes:
    """Write records as a FeatureCollection, one feature a line, the same bytes for the same records.

    With `revisions` each feature says from which revision it was exported, so that an import of the changed
    file knows whether somebody saved in between.
    """
    lines = [
        _line(record.as_feature() | ({"revision": record.revision} if revisions else {}))
        for record in records
    ]
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def _line(feature: dict[str, Any]) -> str:
    return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _check_crs(crs: object, where: str) -> None:
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.endswith(_LONLAT):
        raise InputError(
            f"{where} is in the CRS {str(name)[:80]!r}: import it with a mapping that names the crs"
        )
