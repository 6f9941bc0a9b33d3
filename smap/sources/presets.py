"""Presets: which fields mean what in the building files of Korean offices and OpenStreetMap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smap.errors import RecipeError

__all__ = ["PRESETS", "Preset", "guess_preset", "resolve_preset"]


@dataclass(frozen=True)
class Preset:
    """A kind of file. fields: our property to their field names, the first that exists wins.

    field_counts: the numbers of fields it is known with (empty: any); marks: fields that tell it apart;
    grids: the reference system it is published in by its number of fields (0: by any other).
    """

    name: str
    title: str
    fields: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...]
    field_counts: tuple[int, ...] = ()
    grids: Mapping[int, str] = field(default_factory=dict)

    def grid(self, fields: int) -> str | None:
        """The code of the system that a file with so many fields is published in, if it is known."""
        return self.grids.get(fields, self.grids.get(0))


# GIS건물통합정보 by its number of fields: 23 until 2022, 24 in 2023 (A23 sigungu), 29 from 2024 (A24 to A28)
_D010 = Preset(
    "al_d010",
    "GIS건물통합정보 (AL_D010)",
    {
        "id": ("A19", "A1"),
        "height": ("A16",),
        "floors": ("A26",),
        "floors_below": ("A27",),
        "name": ("A24",),
        "dong": ("A25",),
        "pnu": ("A2",),
        "use": ("A9",),
        "structure": ("A11",),
        "year_built": ("A13",),
        "address": ("A4",),
        "lot": ("A5",),
    },
    marks=("A0", "A2", "A16", "A19", "A22"),
    field_counts=(23, 24, 29),
    grids={23: "EPSG:5174", 24: "EPSG:5186", 29: "EPSG:5186"},
)
# 용도별건물정보: a sibling that numbers its columns differently; its key is left to PNU and place
_D198 = Preset(
    "al_d198",
    "용도별건물정보 (AL_D198)",
    {
        "height": ("A30",),
        "floors": ("A31",),
        "floors_below": ("A32",),
        "use": ("A25",),
        "year_built": ("A34",),
        "pnu": ("A2",),
    },
    marks=("A0", "A2", "A30", "A31", "A32", "A34"),
)
_JUSO = Preset(
    "tl_spbd_buld",
    "도로명주소 건물 (TL_SPBD_BULD)",
    {
        "id": ("BD_MGT_SN",),
        "floors": ("GRO_FLO_CO",),
        "floors_below": ("UND_FLO_CO",),
        "name": ("BULD_NM",),
        "dong": ("BULD_NM_DC",),
    },
    marks=("BD_MGT_SN", "GRO_FLO_CO"),
    grids={0: "EPSG:5179"},
)
_FACILITY = Preset(
    "f_fac_building",
    "건물 (F_FAC_BUILDING)",
    {
        "id": ("BD_MGT_SN", "UFID"),
        "height": ("HEIGHT",),
        "floors": ("GRND_FLR",),
        "floors_below": ("UGRND_FLR",),
        "name": ("BLD_NM",),
        "dong": ("DONG_NM",),
        "pnu": ("PNU",),
        "use": ("USABILITY",),
        "structure": ("STRCT_CD",),
        "year_built": ("USEAPR_DAY",),
    },
    marks=("BD_MGT_SN", "GRND_FLR"),
)
_OSM = Preset(
    "osm",
    "OpenStreetMap buildings",
    {
        "id": ("osm_way_id", "osm_id", "@id", "id"),
        "height": ("height_m", "height", "building:height"),
        "floors": ("levels", "building:levels"),
        "name": ("name", "name:ko"),
        "name_en": ("name:en",),
        "use": ("building",),
        "structure": ("building:structure", "building:material"),
        "year_built": ("start_date",),
        "address": ("addr:full",),
        "roof_shape": ("roof:shape",),
        "roof_height": ("roof:height",),
        "roof_levels": ("roof:levels",),
        "roof_direction": ("roof:direction",),
        "roof_orientation": ("roof:orientation",),
        "min_height": ("min_height", "building:min_height"),
        "min_level": ("building:min_level", "min_level"),
        "part": ("building:part",),
        "part_of": ("part_of",),
    },
    marks=(),
)
# The first two are what our reader makes of each object, the rest are CityGML's own attributes
_CITYJSON = Preset(
    "cityjson",
    "CityJSON",
    {
        "id": ("cityobject_id",),
        "height": ("height_m",),
        "floors": ("storeysAboveGround",),
        "floors_below": ("storeysBelowGround",),
        "name": ("name",),
        "use": ("function", "usage", "class"),
        "year_built": ("yearOfConstruction", "dateOfConstruction"),
    },
    marks=("CITYOBJECT_ID", "HEIGHT_M"),
)
PRESETS: Mapping[str, Preset] = {p.name: p for p in (_OSM, _D010, _D198, _JUSO, _FACILITY, _CITYJSON)}


def resolve_preset(name: str, columns: Sequence[str], *, where: str) -> dict[str, str]:
    """Our property to their field, for a file with these columns; RecipeError when it does not fit.

    Field names are compared without regard to case (DBF tools change it) and come back as the file has them.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise RecipeError(f"{where}: unknown preset '{name}'; known: {', '.join(PRESETS)}")
    if preset.field_counts and len(columns) not in preset.field_counts:
        known = ", ".join(map(str, preset.field_counts))
        raise RecipeError(
            f"{where}: preset {name} knows files with {known} fields, this one has {len(columns)}; "
            "leave the preset out and name the fields in [source.fields]"
        )
    found = _present(preset, columns)
    if not found:
        wanted = ", ".join(field for options in preset.fields.values() for field in options)
        raise RecipeError(
            f"{where}: none of the fields of preset {name} ({wanted}) exist; "
            f"the file has: {', '.join(columns) or 'no fields'}"
        )
    return found


def guess_preset(columns: Sequence[str]) -> str | None:
    """The preset whose marks all stand among the columns (for OSM: an id and a height or levels), if any."""
    upper = {c.upper() for c in columns}
    for preset in PRESETS.values():
        fits = not preset.field_counts or len(columns) in preset.field_counts
        if preset.marks and fits and upper.issuperset(preset.marks):
            return preset.name
    osm = _present(_OSM, columns)
    telling = osm.get("id", "id").lower() != "id" and ("height" in osm or "floors" in osm)
    return "osm" if telling else None


def _present(preset: Preset, columns: Sequence[str]) -> dict[str, str]:
    by_upper = {c.upper(): c for c in reversed(columns)}
    found = {}
    for ours, options in preset.fields.items():
        theirs = next((by_upper[o.upper()] for o in options if o.upper() in by_upper), None)
        if theirs is not None:
            found[ours] = theirs
    return found
