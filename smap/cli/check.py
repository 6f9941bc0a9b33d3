"""`smap check`: read a store of tiles and tell what is wrong."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

__all__ = ["add_arguments", "run"]

SHOWN_ISSUES = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `smap check`."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder, .3tz, tileset.json or layer.json")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each processor)")
    parser.add_argument("--json", action="store_true", help="end stdout with one JSON object")


def run(options: argparse.Namespace) -> int:
    """Check; 0 no errors, 1 errors."""
    from smap.check import check_path
    from smap.cli.progress import BarProgress

    with BarProgress() as progress:
        report = check_path(
            options.path,
            jobs=options.jobs,
            start=lambda total: progress.start("check", total),
            step=progress.step,
        )
    if options.json:
        issues = [
            {"code": issue.code, "severity": issue.severity, "path": issue.path, "message": issue.message}
            for issue in report.issues
        ]
        told = {"errors": report.errors, "warnings": report.warnings, "checked": report.checked}
        print(json.dumps({**told, "issues": issues}, ensure_ascii=False))
        return 1 if report.errors else 0
    for issue in report.issues[:SHOWN_ISSUES]:
        print(f"{issue.severity} {issue.code} {issue.path}: {issue.message}")
    if len(report.issues) > SHOWN_ISSUES:
        print(f"… and {len(report.issues) - SHOWN_ISSUES} more; --json tells them all")
    print(f"{options.path}: {report.checked} files, {report.errors} errors, {report.warnings} warnings")
    return 1 if report.errors else 0
