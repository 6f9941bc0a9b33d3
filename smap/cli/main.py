"""`smap VERB …`: find the verb, run it, and turn every refusal into one line and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from smap import __version__
from smap.errors import SmapError

__all__ = ["main"]

SHOW_FAULTS = "SMAP_TRACEBACK"

VERBS = {
    "demo": "build the sample city, fill the content, open the viewer",
    "inspect": "tell what a source file holds",
    "build": "turn a recipe into tiles",
    "check": "read a store of tiles and tell what is wrong",
    "publish": "make builds the current release",
    "rollback": "go back to the release before",
    "gc": "clear what no kept release needs",
    "export": "write the current release as a plain folder",
    "serve": "stream the city to browsers",
    "pictures": "take a picture of each record in the drawn city",
    "content": "import, export and publish the city's content",
    "user": "add the people who may edit",
}


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 done, 1 the work found faults, 2 wrong use or could not finish."""
    arguments = sys.argv[1:] if argv is None else argv
    verb = next((a for a in arguments if not a.startswith("-")), None)
    try:
        options = _parser(verb).parse_args(arguments)
        code = int(import_module(f"smap.cli.{options.verb}").run(options))
        sys.stdout.flush()
        return code
    except SmapError as error:
        return _refuse(verb, str(error))
    except KeyboardInterrupt:
        return _refuse(verb, "interrupted; what was finished is kept, nothing half-written is left")
    except BrokenPipeError:
        sys.stderr.close()
        return 2
    except Exception as fault:
        if isinstance(fault, OSError) and fault.filename is None and _stdout_takes_no_more():
            return _refuse(verb, f"cannot write to stdout: {fault.strerror}")
        if os.environ.get(SHOW_FAULTS):
            raise
        told = f"our own mistake ({type(fault).__name__}: {fault}): please report it"
        return _refuse(verb, f"{told}; {SHOW_FAULTS}=1 shows where it happened")


def _stdout_takes_no_more() -> bool:
    """Whether it refuses a line; what it still holds is given up then, so that leaving tries no more."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _parser(verb: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smap", description="S-Map: a 3D virtual Seoul.", epilog="smap VERB --help tells more."
    )
    parser.add_argument("--version", action="version", version=f"S-Map {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, purpose in VERBS.items():
        own = verbs.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".")
        if name == verb:
            import_module(f"smap.cli.{name}").add_arguments(own)
    return parser


def _refuse(verb: str | None, message: str) -> int:
    one_line = " ".join(message.split())
    print(f"smap {verb or ''}: {one_line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
