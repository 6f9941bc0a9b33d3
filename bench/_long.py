"""`make long`: every full count of kills and fuzz, with fixed seeds; writes bench/long.json."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from defusedxml.ElementTree import parse

from bench.__main__ import ROOT, commit, machine

RESULTS = ROOT / "bench" / "long.json"


def main() -> int:
    """Run the tests marked long in full, and keep what came of each."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "long.xml"
        chosen = ["-q", "-m", "long", "--ignore", "tests/browser", f"--junitxml={log}"]
        words = [sys.executable, "-m", "pytest", *chosen]
        code = subprocess.run(words, cwd=ROOT, env={**os.environ, "SMAP_LONG": "1"}, check=False).returncode
        cases = {
            f"{case.get('classname')}::{case.get('name')}": {
                "passed": not list(case),
                "seconds": round(float(case.get("time", "0")), 1),
            }
            for case in parse(log).iter("testcase")
        }
    results = {"commit": commit(), "machine": machine(), "tests": cases}
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
