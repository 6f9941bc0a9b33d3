"""CityGML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.errors import CrsError, InputError, SmapError
from smap.scene.measure import areas, local_plane
from smap.scene.surfaces import KINDS, Surfaces
from smap.sources.drafts import layers_recipe
from smap.sources.inspect import inspect_vector
from smap.sources.vector import FeatureChunk, VectorSpec, read_features
from tests.sources.gml import city, faces, gabled, polygon, solid, write

VOLUME = 10.0 * 8.0 * (4.0 + 1.0)
ATTRIBUTES = (
    "<gml:name>한옥</gml:name>"
    "<gen:stringAttribute name='owner'><gen:value>city</gen:value></gen:stringAttribute>"
    "<bldg:function>1000</bldg:function><bldg:yearOfConstruction>1936</bldg:yearOfConstruction>"
    "<bldg:roofType>1030</bldg:roofType><bldg:measuredHeight uom='m'>6.2</bldg:measuredHeight>"
    "<bldg:storeysAboveGround>2</bldg:storeysAboveGround>"
)


def read(folder: Path, text: str) -> FeatureChunk:
    (chunk,) = read_features(VectorSpec(write(folder / "a.gml", text), preset="citygml", keep=()))
    return chunk


def surfaces_of(chunk: FeatureChunk) -> Surfaces:
    assert chunk.surfaces is not None
    return chunk.surfaces


def in_metres(chunk: FeatureChunk) -> NDArray[np.float64]:
    plane = local_plane(chunk.footprints)
    points = surfaces_of(chunk).points
    xy = (points[:, :2] - plane.origin[0]) * plane.scale[0]
    return np.column_stack([xy, points[:, 2]])


def volume(chunk: FeatureChunk) -> float:
    points = in_metres(chunk)
    a, b, c = (points[surfaces_of(chunk).triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def test_bounded_surfaces_keep_their_kind_their_place_and_their_height(tmp_path: Path) -> None:
    chunk = read(tmp_path, city(ATTRIBUTES + gabled()))
    surfaces = surfaces_of(chunk)
    assert np.bincount(surfaces.kind, minlength=len(KINDS)).tolist() == [4, 10, 2]
    assert volume(chunk) == pytest.approx(VOLUME, rel=0.001)
    assert areas(chunk.footprints, local_plane(chunk.footprints)) == pytest.approx([80.0], rel=0.001)
    assert surfaces.base.tolist() == [30.0]
    assert surfaces.points[:, 2].max() == 6.0
    columns = {name: column.tolist()[0] for name, column in chunk.columns.items()}
    assert columns == {
        "id": "b1",
        "name": "한옥",
        "height": 6.2,
        "floors": 2.0,
        "use": "1000",
        "year_built": 1936.0,
    }


@pytest.mark.parametrize(
    ("srs", "north_first"),
    [
        ("urn:ogc:def:crs:EPSG::5186", True),
        ("http://www.opengis.net/def/crs/EPSG/0/5186", True),
        ("EPSG:5186", False),
        ("urn:ogc:def:crs:EPSG::5186", False),
        ("http://www.opengis.net/gml/srs/epsg.xml#5186", False),
    ],
)
def test_the_order_of_axes_is_the_one_that_puts_it_in_its_area(
    srs: str, north_first: bool, tmp_path: Path
) -> None:
    chunk = read(tmp_path, city(gabled(north_first=north_first), srs=srs))
    assert np.degrees(chunk.footprints.lonlat[0]) == pytest.approx([126.978, 37.5665], abs=0.001)
    assert volume(chunk) == pytest.approx(VOLUME, rel=0.001)
    assert np.isnan(surfaces_of(chunk).base).all()  # no vertical datum is named


def test_a_solid_may_link_to_the_polygons_of_its_surfaces_or_hold_its_own(tmp_path: Path) -> None:
    links = "".join(f'<gml:surfaceMember xlink:href="#{name}"/>' for _, name, _ in faces())
    linked = read(tmp_path, city(gabled() + solid(links)))
    own = read(tmp_path, city(solid(gabled(kinds=False))))
    for chunk in (linked, own):
        assert volume(chunk) == pytest.approx(VOLUME, rel=0.001)
        assert np.bincount(surfaces_of(chunk).kind, minlength=3).tolist() == [4, 10, 2]


def test_surfaces_that_look_inward_are_turned_and_counted(tmp_path: Path) -> None:
    chunk = read(tmp_path, city(gabled(turned=("w1", "w3", "r2", "g"))))
    assert volume(chunk) == pytest.approx(VOLUME, rel=0.001)
    assert chunk.faults == {"surfaces_turned": 4}


def test_parts_are_one_building_with_what_bounds_them(tmp_path: Path) -> None:
    part = f"<bldg:BuildingPart gml:id='p'>{gabled()}</bldg:BuildingPart>"
    part = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    chunk = read(tmp_path, city(ATTRIBUTES + part))
    assert chunk.read == 1
    assert volume(chunk) == pytest.approx(VOLUME, rel=0.001)


def test_faults_of_surfaces_are_counted_with_the_buildings_they_are_in(tmp_path: Path) -> None:
    member = polygon([(0, 0, 30), (1, 0, 30), (2, 0, 30)])
    box = f"<bldg:lod2MultiSurface><gml:MultiSurface>{member}</gml:MultiSurface></bldg:lod2MultiSurface>"
    thin = f"<bldg:boundedBy><bldg:WallSurface>{box}</bldg:WallSurface></bldg:boundedBy>"
    open_ring = thin.replace(member, polygon([(0, 0, 30), (5, 0, 30), (5, 0, 33)], closed=False))
    nowhere = thin.replace(member, '<gml:surfaceMember xlink:href="#nobody"/>')
    chunk = read(tmp_path, city(gabled() + thin, gabled() + open_ring, gabled() + nowhere))
    assert chunk.faults == {"surfaces_degenerate": 1, "ring_unclosed": 1, "xlink_to_nothing": 1}
    assert any("xlink" in line and "b3" in line for line in chunk.warnings)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (city(gabled())[:1500], "truncated or damaged XML"),
        (city(gabled()).replace("<CityModel", BOMB + "<CityModel"), "entities or a document type"),
        (city(gabled()).replace("551885.000", "north"), "damaged CityGML"),
        (city(gabled()).replace(" 30.000</gml:posList>", "</gml:posList>"), "three are wanted"),
        (city(gabled(), srs="urn:ogc:def:crs:EPSG::999999"), "unknown CRS"),
        (city(gabled(), srs=""), "names no CRS"),
        ("<CityModel xmlns='http://www.example.org/x'/>", "no namespace of CityGML"),
        ("<html/>", "root is no CityModel"),
        (city(), "holds no features"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SmapError, match=said) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, InputError | CrsError)


def test_inspection_tells_what_it_is_and_drafts_a_recipe(tmp_path: Path) -> None:
    info = inspect_vector(write(tmp_path / "a.gml", city(ATTRIBUTES + gabled())))
    assert (info.format, info.preset, info.count) == ("CityGML", "citygml", 1)
    assert 'preset = "citygml"' in layers_recipe([info])
    assert "surfaces" not in [field.name for field in info.fields]


def test_every_corner_is_that_of_the_file_to_a_millimetre(tmp_path: Path) -> None:
    points = in_metres(read(tmp_path, city(gabled())))
    wanted = {(x, y, z - 30.0) for _, _, corners in faces() for x, y, z in corners}
    apart = np.linalg.norm((points - points.min(axis=0))[:, None] - np.array(sorted(wanted))[None], axis=2)
    assert apart.min(axis=0).max() < 0.05  # the grid's north is turned against true north by 0.006 degrees
