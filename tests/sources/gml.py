"""CityGML written by hand for tests: a house of 10 x 8 m with a gable roof near the City Hall."""

from __future__ import annotations

from pathlib import Path

__all__ = ["EAST", "NORTH", "city", "gabled", "polygon", "ring", "solid", "write"]

EAST, NORTH = 198_056.0, 551_885.0
"""The City Hall on EPSG:5186; what stands there is made up."""

Corner = tuple[float, float, float]

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<CityModel xmlns="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml"\n'
    ' xmlns:bldg="http://www.opengis.net/citygml/building/2.0" xmlns:xlink="http://www.w3.org/1999/xlink"\n'
    ' xmlns:gen="http://www.opengis.net/citygml/generics/2.0">\n'
)


def ring(corners: list[Corner], *, north_first: bool = True, closed: bool = True) -> str:
    """A LinearRing with its first corner repeated; metres east, north and up of the City Hall."""
    places = [(EAST + x, NORTH + y, z) for x, y, z in [*corners, *(corners[:1] if closed else [])]]
    ordered = [(y, x, z) if north_first else (x, y, z) for x, y, z in places]
    numbers = " ".join(f"{value:.3f}" for place in ordered for value in place)
    return f"<gml:LinearRing><gml:posList srsDimension='3'>{numbers}</gml:posList></gml:LinearRing>"


def polygon(corners: list[Corner], name: str = "", *, north_first: bool = True, closed: bool = True) -> str:
    """A surfaceMember with one polygon."""
    said = f' gml:id="{name}"' if name else ""
    body = ring(corners, north_first=north_first, closed=closed)
    return (
        f"<gml:surfaceMember><gml:Polygon{said}><gml:exterior>{body}</gml:exterior></gml:Polygon>"
        "</gml:surfaceMember>"
    )


def faces(base: float = 30.0) -> list[tuple[str, str, list[Corner]]]:
    """Kind, id and corners of each face: eaves 4 m and ridge 6 m above `base`, all looking outward."""
    a, b, c, d = (0.0, 0.0), (10.0, 0.0), (10.0, 8.0), (0.0, 8.0)
    west, east = (0.0, 4.0), (10.0, 4.0)
    low, eaves, ridge = base, base + 4.0, base + 6.0

    def at(*spots: tuple[tuple[float, float], float]) -> list[Corner]:
        return [(x, y, z) for (x, y), z in spots]

    return [
        ("GroundSurface", "g", at((a, low), (d, low), (c, low), (b, low))),
        ("WallSurface", "w1", at((a, low), (b, low), (b, eaves), (a, eaves))),
        ("WallSurface", "w2", at((c, low), (d, low), (d, eaves), (c, eaves))),
        ("WallSurface", "w3", at((b, low), (c, low), (c, eaves), (east, ridge), (b, eaves))),
        ("WallSurface", "w4", at((d, low), (a, low), (a, eaves), (west, ridge), (d, eaves))),
        ("RoofSurface", "r1", at((a, eaves), (b, eaves), (east, ridge), (west, ridge))),
        ("RoofSurface", "r2", at((c, eaves), (d, eaves), (west, ridge), (east, ridge))),
    ]


def gabled(
    *, base: float = 30.0, north_first: bool = True, turned: tuple[str, ...] = (), kinds: bool = True
) -> str:
    """What bounds a building in LoD 2; the faces named in `turned` look inward."""
    told = []
    for kind, name, corners in faces(base):
        ordered = corners[::-1] if name in turned else corners
        member = polygon(ordered, name, north_first=north_first)
        told.append(
            f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface>{member}"
            f"</gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}></bldg:boundedBy>"
            if kinds
            else member
        )
    return "".join(told)


def solid(members: str, lod: int = 2) -> str:
    """A solid of such members."""
    return (
        f"<bldg:lod{lod}Solid><gml:Solid><gml:exterior><gml:CompositeSurface>{members}"
        f"</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod{lod}Solid>"
    )


def city(*buildings: str, srs: str = "urn:ogc:def:crs,crs:EPSG::5186,crs:EPSG::5193") -> str:
    """A document of buildings, b1, b2 and so on, of these contents."""
    members = "".join(
        f'<cityObjectMember><bldg:Building gml:id="b{number}">{content}</bldg:Building></cityObjectMember>\n'
        for number, content in enumerate(buildings, 1)
    )
    box = f"{NORTH} {EAST} 0", f"{NORTH + 10} {EAST + 10} 50"
    envelope = (
        f'<gml:boundedBy><gml:Envelope srsName="{srs}" srsDimension="3"><gml:lowerCorner>{box[0]}'
        f"</gml:lowerCorner><gml:upperCorner>{box[1]}</gml:upperCorner></gml:Envelope></gml:boundedBy>\n"
    )
    return f"{HEAD}{envelope if srs else ''}{members}</CityModel>\n"


def write(path: Path, text: str) -> Path:
    """The text as a file."""
    path.write_text(text, encoding="utf-8")
    return path
