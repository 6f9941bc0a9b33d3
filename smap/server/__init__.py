"""HTTP: the viewer, the tiles and the content over one port. The only room that imports Starlette."""
