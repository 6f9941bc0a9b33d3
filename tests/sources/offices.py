"""The building files of Korean offices as they are sent: DBF in CP949, one .zip, a schema that drifts.

Their fields, reference systems and encodings: GIS건물통합정보 (AL_D010) had 23 fields on EPSG:5174 up to
2022, 24 on EPSG:5186 in 2023 and 29 on EPSG:5186 since; 용도별건물정보 (AL_D198) numbers its columns
otherwise; 도로명주소 (TL_SPBD_BULD) lies on EPSG:5179 and F_FAC_BUILDING on EPSG:5186.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

from tests.sources.files import squares

__all__ = [
    "VINTAGES",
    "Houses",
    "al_d010",
    "al_d198",
    "f_fac_building",
    "made_houses",
    "management_numbers",
    "pack",
    "real_houses",
    "spoil_prj",
    "tl_spbd_buld",
]

# 뷁 and 똠 exist in CP949 only, not in EUC-KR
NAMES = ("경복궁 근정전", "뷁똠 상가", "세운상가 가동", "")
# Number of fields of AL_D010 to the year of a file's date and its reference system
VINTAGES = {23: (2022, 5174), 24: (2023, 5186), 29: (2024, 5186)}
# The way from Bessel that offices publish with EPSG:5174, written out so that the truth is not our own
_BESSEL = (
    "+proj=tmerc +lat_0=38 +lon_0=127.0028902777778 +k=1 +x_0=200000 +y_0=500000 +ellps=bessel +units=m "
    "+towgs84=-115.80,474.99,674.11,1.16,-2.31,-1.63,6.43 +no_defs"
)


@dataclass(frozen=True)
class Houses:
    """n houses. shapes: polygons in degrees; height in metres and floors are 0 where nobody knows them."""

    shapes: np.ndarray
    id: Sequence[str]
    height: np.ndarray
    floors: np.ndarray

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def names(self) -> list[str]:
        return [NAMES[i % len(NAMES)] for i in range(len(self))]

    @property
    def corners(self) -> np.ndarray:
        """Longitude and latitude of the first vertex of each, degrees (n, 2)."""
        return np.array([shapely.get_coordinates(s)[0] for s in self.shapes])


def made_houses(count: int = 40) -> Houses:
    """Houses in a row, some without a height, some without floors."""
    number = np.arange(count)
    height = np.where(number % 3 == 0, 0.0, 3.5 + number % 20)
    return Houses(
        squares(count), [f"1998{i:06d}" for i in number], height, np.where(number % 4, number % 9, 0)
    )


def real_houses(folder: Path, gu: str = "jung_gu") -> Houses:
    """The polygons of one gu of the real set."""
    found = next((folder / "buildings").glob(f"{gu}*"))
    name = f"/vsigzip/{found.resolve()}" if found.suffix == ".gz" else str(found)
    meta, _, wkb, columns = pyogrio.raw.read(name, columns=["osm_way_id", "height_m", "levels"])
    by_name = dict(zip(meta["fields"], columns, strict=True))
    return Houses(
        shapely.from_wkb(wkb),
        [str(int(i)) for i in by_name["osm_way_id"]],
        np.nan_to_num(by_name["height_m"].astype(float)),
        np.nan_to_num(by_name["levels"].astype(float)).astype(int),
    )


def al_d010(folder: Path, houses: Houses, fields: int) -> Path:
    """AL_D010 of one vintage as a .zip of .shp, .shx, .dbf and .prj; no .cpg, as it is handed out."""
    year, code = VINTAGES[fields]
    n = len(houses)
    number = np.arange(n)
    known: dict[str, Any] = {
        "A0": [f"{i + 1}" for i in number],
        "A1": [f"{i % 7}" for i in number],  # not unique, as in the real files
        "A2": parcels(n),
        "A3": ["1114010300"] * n,
        "A4": ["서울특별시 중구 태평로1가"] * n,
        "A5": [f"{i + 1}" for i in number],
        "A8": ["02000"] * n,
        "A9": ["공동주택", "제1종근린생활시설"] * (n // 2) + ["창고시설"] * (n % 2),
        "A10": ["21"] * n,
        "A11": ["철근콘크리트구조"] * n,
        "A12": np.full(n, 99.5),
        "A13": [f"{1960 + i % 60}-05-12" if i % 5 else "" for i in number],
        "A14": np.full(n, 298.5),
        "A15": np.full(n, 150.0),
        "A16": houses.height,
        "A17": np.full(n, 60.0),
        "A18": np.full(n, 199.0),
        "A19": list(houses.id),
        "A22": [f"{year}-01-15"] * n,
        "A23": ["11140"] * n,
        "A24": houses.names,
        "A25": ["가동" if i % 9 == 0 else "" for i in number],
        "A26": houses.floors,
        "A27": np.full(n, 1),
        "A28": [f"{year}-01-01"] * n,
    }
    columns = {f"A{i}": known.get(f"A{i}", [""] * n) for i in range(fields)}
    return pack(folder, f"AL_D010_11_{year}0115", houses.shapes, columns, code)


def al_d198(folder: Path, houses: Houses) -> Path:
    """AL_D198: 36 fields, heights in A30, floors in A31 and A32."""
    n = len(houses)
    known: dict[str, Any] = {
        "A0": [f"{i + 1}" for i in range(n)],
        "A2": parcels(n),
        "A25": ["공동주택"] * n,
        "A30": houses.height,
        "A31": houses.floors,
        "A32": np.ones(n, int),
        "A34": ["19980512"] * n,
    }
    columns = {f"A{i}": known.get(f"A{i}", [""] * n) for i in range(36)}
    return pack(folder, "AL_D198_11_20240115", houses.shapes, columns, 5186)


def f_fac_building(folder: Path, houses: Houses) -> Path:
    """F_FAC_BUILDING: its own UFID, the address office's number, height and floors."""
    n = len(houses)
    columns: dict[str, Any] = {
        "UFID": [f"U{i}" for i in houses.id],
        "BLD_NM": houses.names,
        "DONG_NM": [""] * n,
        "GRND_FLR": houses.floors,
        "UGRND_FLR": np.ones(n, int),
        "PNU": parcels(n),
        "USABILITY": ["02000"] * n,
        "STRCT_CD": ["21"] * n,
        "USEAPR_DAY": ["19980512"] * n,
        "HEIGHT": houses.height,
        "BD_MGT_SN": management_numbers(n),
    }
    return pack(folder, "F_FAC_BUILDING_11_202401", houses.shapes, columns, 5186)


def tl_spbd_buld(folder: Path, houses: Houses, stem: str = "TL_SPBD_BULD", start: int = 0) -> Path:
    """TL_SPBD_BULD: floors and names by BD_MGT_SN, no height; `start`: the number of its first house."""
    n = len(houses)
    columns: dict[str, Any] = {
        "BD_MGT_SN": management_numbers(n, start),
        "BULD_NM": houses.names,
        "BULD_NM_DC": [""] * n,
        "GRO_FLO_CO": houses.floors,
        "UND_FLO_CO": np.ones(n, int),
        "SIG_CD": ["11140"] * n,
        "RN_CD": ["2005001"] * n,
        "EMD_CD": ["103"] * n,
    }
    return pack(folder, stem, houses.shapes, columns, 5179, member="TL_SPBD_BULD")


def parcels(count: int, start: int = 0) -> list[str]:
    """PNU: 10 digits of the legal dong (태평로1가 in Jung-gu, Seoul), 1 of the kind, 8 of the lot."""
    return [f"11140103001{i % 9999 + 1:04d}{i // 9999:04d}" for i in range(start, start + count)]


def management_numbers(count: int, start: int = 0) -> list[str]:
    """BD_MGT_SN: the parcel's 19 digits and six more of the building."""
    return [f"{pnu}000001" for pnu in parcels(count, start)]


def pack(
    folder: Path,
    stem: str,
    shapes: np.ndarray,
    columns: Mapping[str, Any],
    code: int,
    member: str | None = None,
) -> Path:
    """A .zip with one Shapefile in CP949 that names its encoding nowhere."""
    inside = folder / f"{stem}-parts"
    inside.mkdir(parents=True)
    shape = inside / f"{member or stem}.shp"
    crs = _BESSEL if code == 5174 else f"EPSG:{code}"
    turn = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    there = shapely.transform(shapes, lambda c: np.stack(turn.transform(*c.T), axis=1))
    data = [np.asarray(c, object if isinstance(c, list) else None) for c in columns.values()]
    pyogrio.raw.write(
        str(shape),
        shapely.to_wkb(there),
        field_data=data,
        fields=list(columns),
        crs=f"EPSG:{code}",
        geometry_type="Polygon",
        encoding="CP949",
    )
    table = bytearray(shape.with_suffix(".dbf").read_bytes())
    struct.pack_into("<B", table, 29, 0)
    shape.with_suffix(".dbf").write_bytes(table)
    path = folder / f"{stem}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(shape.with_suffix(part), shape.with_suffix(part).name)
    return path


def spoil_prj(path: Path, code: int | None) -> Path:
    """The .zip again, its .prj replaced by that of another system, or (None) left out."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    prj = next(name for name in parts if name.endswith(".prj"))
    del parts[prj]
    if code is not None:
        parts[prj] = pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path
