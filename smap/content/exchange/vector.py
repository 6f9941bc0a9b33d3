"""GeoPackage and KML out, through GDAL: for desktop GIS and for globes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from smap.content.model import FIELDS, Fields, Kind
from smap.content.record import Record
from smap.errors import MissingExtraError

__all__ = ["VectorFormat", "vector_of"]

VectorFormat: TypeAlias = Literal["gpkg", "kml"]

_DRIVERS: dict[VectorFormat, str] = {"gpkg": "GPKG", "kml": "KML"}
_OPTIONS: dict[VectorFormat, dict[str, str]] = {"gpkg": {"VERSION": "1.2"}, "kml": {}}
"""GeoPackage 1.2 (2017): GDAL 3.6 warns that it may not read all of the 1.4 that GDAL 3.12 writes."""
_TYPES: dict[Kind, type] = {"number": float, "count": int, "truth": bool}
_EMPTY: dict[type, Any] = {float: np.nan, int: 0, bool: False, object: None}
"""What stands in a column where a record has no value; the mask says that it is none."""
_BALLOON = {"Name": "name_ko", "Description": "text_ko"}
"""KML's own two fields, which globes show: copies, so that the fields of the record stay complete."""


def vector_of(records: Sequence[Record], layer: str, form: VectorFormat, fields: Fields = FIELDS) -> bytes:
    """Write records as a GeoPackage 1.2 (OGC 12-128r14) or KML 2.2 of one layer, in lon and lat of WGS84.

    Each of the layer's `fields` is a column, also `id` and `revision`; lists are JSON text; a record without
    a value has null there. Errors: MissingExtraError where GDAL is not installed.
    """
    try:
        import shapely
        from pyogrio import raw
    except ImportError:
        raise MissingExtraError(f"the export as {form}", "build") from None
    geometries = shapely.from_geojson([json.dumps(record.geometry) for record in records])
    columns = _columns(records, fields) | (_balloon(records) if form == "kml" else {})
    file = io.BytesIO()
    raw.write(
        file,
        shapely.to_wkb(np.asarray(geometries, dtype=object)),
        [values for values, _ in columns.values()],
        list(columns),
        field_mask=[empty for _, empty in columns.values()],
        layer=layer,
        driver=_DRIVERS[form],
        geometry_type="Unknown",
        crs="EPSG:4326",
        encoding="UTF-8",
        dataset_options=_OPTIONS[form],
    )
    return file.getvalue()


_Column: TypeAlias = tuple[NDArray[Any], NDArray[np.bool_]]


def _columns(records: Sequence[Record], fields: Fields) -> dict[str, _Column]:
    """Values and where there is none, both (n,), by the name of the field."""
    ids = _column([record.id for record in records], object)
    revisions = np.array([record.revision for record in records], dtype=np.int32)
    own = {
        name: _column([_plain(record.properties.get(name)) for record in records], _TYPES.get(kind, object))
        for name, kind in ((name, field.kind) for name, field in fields.items())
    }
    return {"id": ids, "revision": (revisions, np.zeros(len(records), dtype=bool))} | own


def _balloon(records: Sequence[Record]) -> dict[str, _Column]:
    return {
        theirs: _column([record.properties.get(ours) for record in records], object)
        for theirs, ours in _BALLOON.items()
    }


def _column(values: Sequence[object], kind: type) -> _Column:
    filled = [_EMPTY[kind] if value is None else value for value in values]
    return np.array(filled, dtype=kind), np.array([value is None for value in values], dtype=bool)


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, list) else value
