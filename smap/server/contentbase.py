"""The content database of the workspace, opened when it is first needed: `serve` never makes one.

Whoever restores a backup puts another file in its place: that one is opened from the next request on.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Engine

from smap.content.database import FileId, file_id, open_database
from smap.content.model import LAYERS, Layers
from smap.content.record import LayerInfo
from smap.content.repository import layers
from smap.errors import NotFoundError, StorageError

__all__ = ["ContentBase"]


class ContentBase:
    """Opens content.db once; where there is none yet, looks again at the next request."""

    def __init__(self, workspace: Path, models: Layers = LAYERS) -> None:
        self.path = workspace / "content.db"
        self.models = models
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._file: FileId | None = None

    def exists(self) -> bool:
        """Whether anything was imported into this workspace yet."""
        return self._engine is not None or self.path.exists()

    def engine(self) -> Engine:
        """The open database. NotFoundError: there is none; StorageError: damaged, or taken away."""
        with self._lock:
            here = file_id(self.path)
            if self._engine is not None and here is None:
                raise StorageError(f"{self.path} was taken away while it was served")
            if self._engine is None or here != self._file:
                self._forget()
                self._engine, self._file = self._opened(), here
            return self._engine

    def layers(self) -> list[LayerInfo]:
        """The layers and their counts; none in a workspace without content."""
        return layers(self.engine()) if self.exists() else []

    def _opened(self) -> Engine:
        """Whoever asks is told that there is none, not where on this machine it would lie."""
        try:
            return open_database(self.path, layers=self.models)
        except NotFoundError:
            raise NotFoundError("this server has no content yet: the operator imports it") from None

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
