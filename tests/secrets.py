"""The secret scan of `make check`: no key, token or private address in what git tracks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

__all__ = ["main", "secrets_in"]

ROOT = Path(__file__).resolve().parent.parent
PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a service key in an address": re.compile(
        r"(?i)[?&](?:service_?key|api_?key|token)=[A-Za-z0-9%+/=_-]{16,}"
    ),
    "a password set in text": re.compile(
        r"(?i)\b(?:password|passwd|secret)\s*[:=]\s*[\"'][^\"'\s{}<>$]{12,}[\"']"
    ),
    "a download address in a lock file": re.compile(r'"resolved"\s*:\s*"https?://'),
    "a machine path": re.compile(r"(?<![\w.:/-])/(?:home/\w+|root(?!/children)|work)/\w"),
}
ALLOWED = re.compile(r"secret-scan: allow")


def secrets_in(text: str) -> list[tuple[int, str]]:
    """(line number, what was found) for each breach in a text."""
    lines = enumerate(text.splitlines(), start=1)
    return [
        (number, name)
        for number, line in lines
        for name, pattern in PATTERNS.items()
        if pattern.search(line) and not ALLOWED.search(line)
    ]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def main() -> int:
    """Scan all tracked text; 1 and one line for each finding."""
    found = 0
    for path in _tracked():
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for number, name in secrets_in(text):
            print(f"{path.relative_to(ROOT)}:{number}: {name}", file=sys.stderr)
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
