"""The JSON on the wire, as types. `python -m smap.server.wire` prints them as TypeScript for the viewer.

Names of the wire are words of the specifications (OGC API Features, GeoJSON) or carry their unit.
"""

import sys
from typing import Annotated, Any, Literal, NotRequired, TypedDict

__all__ = [
    "WIRE",
    "BuildingHit",
    "BuildingProperties",
    "Catalog",
    "CatalogLayer",
    "CatalogTileset",
    "Collection",
    "Collections",
    "Fault",
    "FeaturePage",
    "Geometry",
    "GroundSource",
    "Height",
    "Heights",
    "LayerStyle",
    "LineString",
    "Link",
    "Match",
    "MultiLineString",
    "MultiPoint",
    "PlaceFeature",
    "PlaceHit",
    "PlaceProperties",
    "Point",
    "Polygon",
    "Position",
    "Profile",
    "ProfilePoint",
    "Refused",
    "SearchPage",
    "Session",
    "SignIn",
    "Suggestion",
    "Suggestions",
    "Words",
]

#: Language code to text.
Words = Annotated[dict[str, str], "Words"]
#: Degrees: longitude, latitude.
Position = Annotated[tuple[float, float], "Position"]
#: The fields of smap.content.model, named and typed there and nowhere else.
PlaceProperties = Annotated[dict[str, Any], "PlaceProperties"]


class CatalogTileset(TypedDict):
    """A published tileset; `url`: its entry; `bbox`: degrees, west first; `era`: null is every era.

    `depicts`: the content layer whose records it draws in full, or null.
    """

    name: str
    kind: str
    title: Words
    attribution: str
    version: str
    url: str
    bbox: tuple[float, float, float, float]
    era: str | None
    depicts: str | None


class LayerStyle(TypedDict):
    """How an operator wants a layer to look: a colour as #rrggbb, a letter for its sign."""

    colour: NotRequired[str]
    letter: NotRequired[str]


class CatalogLayer(TypedDict):
    """A layer of the content with the number of its published records; `style`: of one that was declared."""

    id: str
    title: Words
    count: int
    style: NotRequired[LayerStyle]


class Catalog(TypedDict):
    """/catalog.json: what this server shows now; `release` is null while nothing is published."""

    release: str | None
    tilesets: list[CatalogTileset]
    layers: list[CatalogLayer]


class Link(TypedDict):
    """A web link (RFC 8288)."""

    href: str
    rel: str
    type: NotRequired[str]
    title: NotRequired[str]


class Point(TypedDict):
    """GeoJSON (RFC 7946), two dimensions."""

    type: Literal["Point"]
    coordinates: Position


class MultiPoint(TypedDict):
    """GeoJSON (RFC 7946), two dimensions."""

    type: Literal["MultiPoint"]
    coordinates: list[Position]


class LineString(TypedDict):
    """GeoJSON (RFC 7946), two dimensions."""

    type: Literal["LineString"]
    coordinates: list[Position]


class MultiLineString(TypedDict):
    """GeoJSON (RFC 7946), two dimensions."""

    type: Literal["MultiLineString"]
    coordinates: list[list[Position]]


class Polygon(TypedDict):
    """GeoJSON (RFC 7946), two dimensions; the first ring is the outer one."""

    type: Literal["Polygon"]
    coordinates: list[list[Position]]


Geometry = Annotated[Point | MultiPoint | LineString | MultiLineString | Polygon, "Geometry"]


class PlaceFeature(TypedDict):
    """A record; `revision` and `status` say which of its revisions this is (If-Match takes its ETag)."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: PlaceProperties
    revision: NotRequired[int]
    status: NotRequired[Literal["draft", "published"]]
    updated: NotRequired[str]
    links: NotRequired[list[Link]]


class Match(TypedDict):
    """What a search meant: a field, and ranges of its characters (code points, the end not included)."""

    field: str
    ranges: list[tuple[int, int]]


class PlaceHit(TypedDict):
    """A record that a search found, `layer` among its properties; `distance_m`: from `near`."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: PlaceProperties
    revision: int
    status: Literal["draft", "published"]
    updated: str
    links: list[Link]
    score: float
    match: Match
    distance_m: NotRequired[float]


class BuildingProperties(TypedDict):
    """A building of a published tileset that has a name; `height` in metres."""

    layer: Literal["buildings"]
    tileset: str
    smap_id: str
    name: str
    name_en: NotRequired[str]
    height: float


class BuildingHit(TypedDict):
    """A building that a search found by its name; `distance_m`: from `near`."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: BuildingProperties
    score: float
    match: Match
    distance_m: NotRequired[float]


class SearchPage(TypedDict):
    """What a search found, the best first."""

    type: Literal["FeatureCollection"]
    features: list[PlaceHit | BuildingHit]
    numberMatched: int
    numberReturned: int
    timeStamp: str
    links: list[Link]


class Suggestion(TypedDict):
    """A name for a text that is being typed; of buildings `layer` is "buildings" and `id` the smap_id.

    `names`: by field, the one that `match` speaks of among them.
    """

    layer: str
    id: str
    names: dict[str, str]
    category: NotRequired[str]
    tileset: NotRequired[str]
    lon: float
    lat: float
    match: Match
    distance_m: NotRequired[float]


class Suggestions(TypedDict):
    """The answer to /api/search/suggest, the best first."""

    suggestions: list[Suggestion]


class FeaturePage(TypedDict):
    """A page of records."""

    type: Literal["FeatureCollection"]
    features: list[PlaceFeature]
    numberMatched: int
    numberReturned: int
    timeStamp: str
    links: list[Link]


class Collection(TypedDict):
    """A layer in the words of OGC API Features, or a published tileset, which has no items."""

    id: str
    title: str
    attribution: NotRequired[str]
    itemType: Literal["feature", "tileset"]
    layerDataType: NotRequired[Literal["Coverage"]]
    crs: NotRequired[list[str]]
    storageCrs: NotRequired[str]
    extent: NotRequired[dict[str, Any]]
    links: list[Link]


class Collections(TypedDict):
    """All layers and tilesets in the words of OGC API Features; `crs`: what layers are given in."""

    collections: list[Collection]
    crs: list[str]
    links: list[Link]


class Height(TypedDict):
    """The ground at a place: metres above the geoid and above the WGS84 ellipsoid, and where it is from."""

    lon: float
    lat: float
    height_orthometric_m: float
    height_ellipsoidal_m: float
    source: str
    spacing_m: float | None


class Heights(TypedDict):
    """The answer to POST /api/height: one for each position asked, null where no ground is known."""

    heights: list[Height | None]


class GroundSource(TypedDict):
    """Who is to be credited for heights, and the spacing of its cells in metres."""

    source: str
    spacing_m: float | None


class ProfilePoint(TypedDict):
    """A point of a profile; `slope_percent`: of the piece that ends here, null where it is not known."""

    lon: float
    lat: float
    distance_m: float
    height_orthometric_m: float | None
    height_ellipsoidal_m: float | None
    slope_percent: float | None


class Profile(TypedDict):
    """The ground along a line. `slope` is known where the ground's spacing is 5 m or less."""

    length_m: float
    climb_m: float
    descent_m: float
    slope: Literal["known", "not known"]
    sources: list[GroundSource]
    points: list[ProfilePoint]


class SignIn(TypedDict):
    """The body of POST /session."""

    name: str
    password: str


class Session(TypedDict):
    """GET /session; `csrf` goes into X-CSRF-Token with each change; not `secure`: sign-in needs HTTPS."""

    secure: bool
    name: str | None
    role: Literal["editor", "reviewer", "admin"] | None
    csrf: str | None
    expires: str | None


class Fault(TypedDict):
    """What is wrong with a field; `field` is "" where it is the record as a whole."""

    field: str
    message: str


class Refused(TypedDict):
    """Any refusal; `faults` come with 422, `current` (the newest revision) with 412."""

    code: str
    message: str
    faults: NotRequired[list[Fault]]
    current: NotRequired[PlaceFeature]


#: Everything on the wire, in the order in which it is printed.
WIRE: tuple[Any, ...] = (
    Words,
    Position,
    CatalogTileset,
    LayerStyle,
    CatalogLayer,
    Catalog,
    Link,
    Point,
    MultiPoint,
    LineString,
    MultiLineString,
    Polygon,
    Geometry,
    PlaceProperties,
    PlaceFeature,
    FeaturePage,
    Match,
    PlaceHit,
    BuildingProperties,
    BuildingHit,
    SearchPage,
    Suggestion,
    Suggestions,
    Collection,
    Collections,
    Height,
    Heights,
    GroundSource,
    ProfilePoint,
    Profile,
    SignIn,
    Session,
    Fault,
    Refused,
)


if __name__ == "__main__":
    from smap.server.schema import typescript

    sys.stdout.write(typescript())
