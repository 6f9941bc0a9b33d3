"""HTTP: the viewer, the tiles and the content over one port. The only room that imports Starlette."""

from smap.server.app import create_app

__all__ = ["create_app"]
