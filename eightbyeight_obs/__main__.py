"""``python -m eightbyeight_obs``: the same as the command ``eightbyeight-obs``."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
