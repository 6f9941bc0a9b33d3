"""Files of other people for tests, made here, and what a mapping of them says."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from smap.content.exchange.incoming import Incoming
from smap.content.exchange.mapped import mapped_features
from smap.content.exchange.mapping import FieldMapping
from smap.content.exchange.reading import crs_of, read_rows
from smap.content.model import LAYERS

__all__ = ["FIELDS", "VALUES", "columns", "feature", "features", "incoming", "workbook"]

VALUES = {
    "name_en": "Culture space of Seoul",
    "text_en": "A place of culture in Seoul.",
    "category": "museum",
    "source": "Seoul open data",
    "source_date": "2023-06-01",
    "position_source": "Seoul open data",
    "position_date": "2023-06-01",
    "position_accuracy_m": 50,
    "position_means": "building_centre",
}
FIELDS = {"id": "no", "name_ko": "이름", "text_ko": "소개", "lon": "X", "lat": "Y"}

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_LINKS}"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}"><Relationship Id="r1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def incoming(path: Path, mapping: FieldMapping, layer: str = "tourism") -> list[Incoming]:
    """What a file gives by a mapping, with places in the file, faults and notes."""
    crs = crs_of(path, mapping)
    rows = read_rows(path, mapping)
    return list(mapped_features(rows, mapping, LAYERS[layer], crs=crs, where=str(path)))


def features(path: Path, mapping: FieldMapping, layer: str = "tourism") -> list[dict[str, Any]]:
    """The features that a file gives by a mapping."""
    return [feature(item) for item in incoming(path, mapping, layer)]


def feature(item: Incoming) -> dict[str, Any]:
    """The feature of one that has any."""
    assert isinstance(item.feature, dict)
    return item.feature


def columns(path: Path, mapping: FieldMapping) -> list[dict[str, Any]]:
    """The fields of each row, by their names in the file."""
    return [dict(row.fields) for row in read_rows(path, mapping)]


def workbook(path: Path, rows: str, **more: bytes) -> Path:
    """Write an XLSX with the XML of its only sheet's rows, as no spreadsheet program would."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _PARTS.items():
            archive.writestr(name, f'<?xml version="1.0"?>{body}')
        head = f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>'
        archive.writestr("xl/worksheets/sheet1.xml", f"{head}{rows}</sheetData></worksheet>")
        for name, extra in more.items():
            archive.writestr(name.replace("__", "/") + ".xml", extra)
    return path
