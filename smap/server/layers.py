"""/api/collections: the layers of the content, and after them the published tilesets, which have no items."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import LayerModel, layer_model
from smap.content.queryables import queryables
from smap.content.record import LayerInfo
from smap.content.schema import json_schema
from smap.content.systems import CRS84, SYSTEMS
from smap.errors import NotFoundError
from smap.server.answers import document_answer
from smap.server.contentbase import ContentBase
from smap.server.features import COMMON
from smap.server.links import GEOJSON, SCHEMA, absolute, link, quoted
from smap.server.negotiation import language
from smap.server.parameters import check_known
from smap.server.shelf import Shelf
from smap.server.wire import Collection, Collections
from smap.store.release import ReleasedTileset

__all__ = ["layer_routes"]

SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
"""OGC API - Features - Part 5: Schemas (OGC 23-058)."""
QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
"""OGC API - Features - Part 3: Filtering (OGC 19-079r2)."""
CONTENT_REL = "original"
"""A tileset's entry, as the draft of OGC API - 3D GeoVolumes (OGC 22-029) and its servers name it."""
_3D_TILES, _JSON = "application/json+3dtiles", "application/json"
_ENTRIES = {"tileset.json": _3D_TILES, "layer.json": _JSON, "tile.json": _JSON}
"""The media type by which clients of GeoVolumes find 3D Tiles; quantized-mesh and TileJSON have none."""


def layer_routes(content: ContentBase, shelf: Shelf) -> list[Route]:
    """The addresses of what there is, reading only."""

    def collections(request: Request) -> Response:
        check_known(request, COMMON)
        found = [_layer(request, info) for info in content.layers()]
        known = {layer["id"] for layer in found}
        document = Collections(
            collections=found
            + [_tileset(request, item) for item in _public(shelf) if item.name not in known],
            crs=list(SYSTEMS),
            links=[link(absolute(request, "/api/collections"), "self", title="this page")],
        )
        return document_answer(request, {**document}, title="Collections")

    def collection(request: Request) -> Response:
        check_known(request, COMMON)
        document = _found(request, content, shelf)
        return document_answer(request, {**document}, title=document["title"])

    def schema(request: Request) -> Response:
        check_known(request, COMMON)
        model = _model(request, content)
        return document_answer(request, json_schema(model), title=model.title["en"], media_type=SCHEMA)

    def queryable(request: Request) -> Response:
        check_known(request, COMMON)
        model = _model(request, content)
        told = queryables(model, absolute(request, f"/api/collections/{quoted(model.id)}/queryables"))
        return document_answer(request, told, title=model.title["en"], media_type=SCHEMA)

    return [
        Route("/api/collections", collections),
        Route("/api/collections/{layer}", collection),
        Route("/api/collections/{layer}/schema", schema),
        Route("/api/collections/{layer}/queryables", queryable),
    ]


def _model(request: Request, content: ContentBase) -> LayerModel:
    return layer_model(request.path_params["layer"], content.models)


def _public(shelf: Shelf) -> list[ReleasedTileset]:
    """What everybody may see; who is asked for a tileset of the staff knows of none."""
    release = shelf.release()
    return [item for item in release.tilesets if item.access == "public"] if release else []


def _found(request: Request, content: ContentBase, shelf: Shelf) -> Collection:
    name = request.path_params["layer"]
    for info in content.layers():
        if info.id == name:
            return _layer(request, info)
    for item in _public(shelf):
        if item.name == name:
            return _tileset(request, item)
    raise NotFoundError(f"no layer {name!r:.80} here: /api/collections lists those there are")


def _layer(request: Request, info: LayerInfo) -> Collection:
    base = absolute(request, f"/api/collections/{quoted(info.id)}")
    found = Collection(
        id=info.id,
        title=info.title.get(language(request), info.id),
        itemType="feature",
        crs=list(SYSTEMS),
        storageCrs=CRS84,
        links=[
            link(base, "self", title="this collection"),
            link(f"{base}/schema", SCHEMA_REL, SCHEMA, "fields of the items"),
            link(f"{base}/queryables", QUERYABLES_REL, SCHEMA, "what can be asked for"),
            link(f"{base}/items", "items", GEOJSON, "items"),
            link(f"{base}/items?f=html", "items", "text/html", "items as a page"),
            link(f"{base}/items?f=csv", "items", "text/csv", "items as a table"),
        ],
    )
    if info.extent is not None:
        found["extent"] = {"spatial": {"bbox": [list(info.extent)], "crs": CRS84}}
    return found


def _tileset(request: Request, item: ReleasedTileset) -> Collection:
    entry = f"/{item.mount}/{quoted(item.name)}/{quoted(item.version)}/{item.entry}"
    return Collection(
        id=item.name,
        title=item.title.get(language(request)) or item.name,
        attribution=item.attribution,
        itemType="tileset",
        # the only word by which GDAL 3.6 knows that a collection has no features (LoadJSONCollection)
        layerDataType="Coverage",
        extent={"spatial": {"bbox": [list(item.bbox)], "crs": CRS84}},
        links=[
            link(absolute(request, f"/api/collections/{quoted(item.name)}"), "self", title="this collection"),
            link(absolute(request, entry), CONTENT_REL, _ENTRIES[item.entry], "tileset"),
        ],
    )
