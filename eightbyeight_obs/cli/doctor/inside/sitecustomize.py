# ruff: noqa: INP001 - no package: these files run where the package may be another version, or not there
"""Runs at the start of every Python process below the doctor's: hands over to whoever stood here, then waits.

This folder is first on PYTHONPATH while the doctor watches, and on no other day. Nothing in here may import the
package: the process that is watched may have another version of it, or none.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is a lot for every process


def _hand_over() -> None:
    """Run the sitecustomize of this machine, which this one stands in front of."""
    others = [path for path in sys.path if os.path.abspath(path or ".") != _FOLDER]  # noqa: PTH100
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


try:
    _hand_over()
finally:
    if os.environ.get("EIGHTBYEIGHT_DOCTOR"):
        importlib.import_module("eightbyeight_doctor").wait()
