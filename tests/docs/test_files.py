"""What no file of the project may hold."""

from __future__ import annotations

import os

from pages import ROOT

FOLDERS = ("eightbyeight_obs", "tests", "docs", "examples", "benchmarks", "tools", ".ci")
BINARY = (".png", ".jpg", ".gif", ".ico", ".woff2", ".gz", ".zst", ".pyc")
# Written in two parts, so that this file does not hold them.
FORBIDDEN = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "/work" + "/main",
    "/root" + "/.",
    "debian" + ".org",
]


def test_no_file_names_a_registry_or_a_machine() -> None:
    """No address of a package registry and no path of the machine on which a file was written."""
    files = [path for path in ROOT.glob("*") if path.is_file() and not path.name.startswith(".coverage")]
    for folder in FOLDERS:
        for place, names, inside in os.walk(ROOT / folder):
            names[:] = [
                name for name in names if not name.startswith(".") and name not in {"__pycache__", "node_modules"}
            ]
            files += [ROOT / place / name for name in inside if not name.endswith(BINARY)]
    assert len(files) > 50
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        found += [f"{file.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in text]
    assert [] == found
