"""IS IT RIGHT?: reads a store of tiles, gathers coded issues, throws nothing once the store is open."""

from __future__ import annotations

from smap.check.findings import CheckReport, Issue
from smap.check.run import check_path

__all__ = ["CheckReport", "Issue", "check_path"]
