"""The server as one ASGI application, put together here and nowhere else; there are no globals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from smap.content.declared import read_layers
from smap.server import errors
from smap.server.basemap import basemap_key
from smap.server.buildingnames import BuildingNames
from smap.server.bundle import VIEWER, bundle_routes
from smap.server.catalog import catalog_routes
from smap.server.contentbase import ContentBase
from smap.server.cors import ReadCors
from smap.server.editing import edit_routes
from smap.server.features import feature_routes
from smap.server.guard import HostCheck, RequestLog, SecurityHeaders
from smap.server.health import health_routes
from smap.server.heights import Grounds, height_routes
from smap.server.items import item_routes
from smap.server.layers import layer_routes
from smap.server.media import Media, media_routes
from smap.server.places import place_routes
from smap.server.searching import search_routes
from smap.server.session import Doorkeeper, session_routes
from smap.server.shelf import Shelf
from smap.server.sitemap import sitemap_routes
from smap.server.tiles import TileApp
from smap.settings import Settings
from smap.store.shipped import shipped_folder

__all__ = ["create_app"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings, *, viewer: Path = VIEWER, now: Callable[[], datetime] = _utc_now
) -> ASGIApp:
    """The server of one workspace; `viewer` is the folder of the built web bundle.

    Errors: RecipeError and InputError for a layer that the workspace declares amiss.
    """
    models = read_layers(settings.workspace)
    shelf = Shelf(settings.workspace)
    content = ContentBase(settings.workspace, models)
    names = BuildingNames(shelf)
    media = Media(settings.workspace, shipped_folder("content") / "pictures")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        shelf.close()
        content.close()
        names.close()

    app = Starlette(routes=_routes(shelf, content, names, media, viewer, now), lifespan=lifespan)
    errors.install(app, models)
    return _guarded(app, settings)


def _routes(
    shelf: Shelf,
    content: ContentBase,
    names: BuildingNames,
    media: Media,
    viewer: Path,
    now: Callable[[], datetime],
) -> Sequence[BaseRoute]:
    door = Doorkeeper(content, now)
    grounds = Grounds(shelf)
    return [
        Mount("/tiles", TileApp(shelf, "tiles", door.signed_in)),
        Mount("/terrain", TileApp(shelf, "terrain", door.signed_in)),
        Mount("/basemap", TileApp(shelf, "basemap", door.signed_in, key_of=basemap_key)),
        *catalog_routes(shelf, content),
        *feature_routes(),
        *layer_routes(content, shelf),
        *item_routes(content, door, now),
        *edit_routes(door),
        *search_routes(content, names, now),
        *height_routes(grounds),
        *place_routes(content, grounds, media),
        *media_routes(media),
        *sitemap_routes(content),
        *session_routes(door),
        *health_routes(shelf, content),
        *bundle_routes(viewer),
    ]


def _guarded(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Around everything, so that refusals and our own faults are logged and dressed like any other answer."""
    allowed = {settings.host, *settings.allowed_hosts} - {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound
    checked = HostCheck(app, allowed=allowed)
    readable = ReadCors(checked, paths=("/tiles/", "/terrain/", "/basemap/", "/api", "/catalog.json"))
    return RequestLog(SecurityHeaders(readable))
