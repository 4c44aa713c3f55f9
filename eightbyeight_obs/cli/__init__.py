"""The command ``eightbyeight-obs``. It needs the extra ``cli``; the library itself never imports this."""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run the command line, or tell what to install for it."""
    missing = [name for name in ("typer", "rich") if find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"eightbyeight-obs needs {' and '.join(missing)}, which this Python does not have. Type:\n\n"
            f'    {sys.executable or "python"} -m pip install "eightbyeight-obs[cli]"\n\n'
            "The library works without it.\n"
        )
        raise SystemExit(3)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets it as an escape instead of a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from .app import app

    app()
