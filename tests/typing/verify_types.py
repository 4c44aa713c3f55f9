"""Asks pyright whether every type of the public API is known to a user's type checker, and tells which is not.

`pyright --verifytypes` takes every module without an underscore for public; here only the names in
`eightbyeight_obs.__all__` are, with their attributes and methods.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import eightbyeight_obs

COMMAND = [sys.executable, "-m", "pyright", "--verifytypes", "eightbyeight_obs", "--ignoreexternal", "--outputjson"]


def main() -> int:
    """Print what is not known; return 1 if anything is not, or if pyright saw no symbol at all."""
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    try:
        symbols: list[dict[str, Any]] = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    except (ValueError, KeyError):
        print(done.stdout, done.stderr)
        return 1
    names = set(eightbyeight_obs.__all__)
    public = [symbol for symbol in symbols if names & set(symbol["name"].split(".")[1:])]
    vague = [symbol for symbol in public if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]]
    for symbol in vague:
        print(symbol["name"], *(entry["message"] for entry in symbol["diagnostics"]), sep="\n  ")
    print(f"{len(public) - len(vague)} of {len(public)} public symbols have a known type")
    return 1 if vague or len(public) < len(names) - 1 else 0  # __version__ is none of pyright's symbols


if __name__ == "__main__":
    sys.exit(main())
