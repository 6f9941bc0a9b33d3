"""/catalog.json: what the viewer may load now. Tilesets for staff are never in it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smap.content.model import Words
from smap.content.record import LayerInfo
from smap.server.caching import SHORT, conditional
from smap.server.contentbase import ContentBase
from smap.server.links import quoted
from smap.server.negotiation import json_bytes
from smap.server.shelf import Shelf
from smap.server.wire import Catalog, CatalogLayer, CatalogTileset, LayerStyle
from smap.store.release import ReleasedTileset

__all__ = ["catalog_of", "catalog_routes"]


def catalog_routes(shelf: Shelf, content: ContentBase) -> list[Route]:
    """The one address of the catalog."""

    def catalog(request: Request) -> Response:
        body = json_bytes(catalog_of(shelf, content))
        return conditional(request, body, "application/json", {"cache-control": SHORT})

    return [Route("/catalog.json", catalog)]


def catalog_of(shelf: Shelf, content: ContentBase) -> Catalog:
    """The catalog as it stands at this moment."""
    release = shelf.release()
    tilesets = release.tilesets if release else ()
    return Catalog(
        release=release.id if release else None,
        tilesets=[_entry(item) for item in tilesets if item.access == "public"],
        layers=[_layer(info, content.models[info.id].style) for info in content.layers()],
    )


def _layer(info: LayerInfo, style: Words) -> CatalogLayer:
    found = CatalogLayer(id=info.id, title=info.title, count=info.count)
    if style:
        found["style"] = LayerStyle(**style)  # type: ignore[typeddict-item]  # its two keys, by read_layers
    return found


def _entry(item: ReleasedTileset) -> CatalogTileset:
    return CatalogTileset(
        name=item.name,
        kind=item.kind,
        title=dict(item.title),
        attribution=item.attribution,
        version=item.version,
        url=f"/{item.mount}/{quoted(item.name)}/{quoted(item.version)}/{item.entry}",
        bbox=item.bbox,
        era=item.era,
        depicts=item.depicts,
    )
