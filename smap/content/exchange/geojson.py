"""GeoJSON in and out (RFC 7946): the content's own form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from smap.content.exchange.file import read_text
from smap.content.record import Record
from smap.errors import InputError

__all__ = ["MOST_FEATURES", "geojson_of", "parse_features", "read_geojson"]

MOST_FEATURES = 200_000
_LONLAT = ("CRS84", "EPSG::4326", "EPSG:4326")
"""Endings of the old `crs` member (GeoJSON 2008) that mean what RFC 7946 means anyway."""


def read_geojson(path: Path) -> list[Any]:
    """Give the features of a FeatureCollection or single Feature, unchecked. Errors: InputError."""
    return parse_features(read_text(path), str(path))


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
    if len(features) > MOST_FEATURES:
        raise InputError(f"{where} has {len(features)} features: {MOST_FEATURES} is the most; split it")
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
