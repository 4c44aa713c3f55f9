"""What the pages show runs, and where they point is something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, Block, anchors, blocks, links, pages

import eightbyeight_obs

PACKAGE = str(Path(eightbyeight_obs.__file__).parents[1])
RUNNER = Path(__file__).with_name("run_block.py")
BLOCKS = [block for page in pages() for block in blocks(page)]


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.mark != "not run"], ids=str)
def test_each_python_block_runs(block: Block, tmp_path: Path) -> None:
    """A block of Python is a whole program: it runs in a process of its own, or ends as the page says."""
    command = [sys.executable, str(RUNNER), str(ROOT / block.page), str(block.line)]
    env = {**os.environ, "PYTHONPATH": PACKAGE}
    done = subprocess.run(
        command, input=block.code, capture_output=True, text=True, cwd=tmp_path, env=env, timeout=60, check=False
    )
    last = done.stderr.strip().rpartition("\n")[2]
    expected = (1, block.rest) if block.mark == "raises" else (0, "")
    assert expected == (done.returncode, last.partition(":")[0] if done.returncode else ""), done.stderr


def test_a_block_that_is_not_run_says_why_and_is_python() -> None:
    """Who leaves a block out gives a reason; the block still compiles."""
    left_out = [block for block in BLOCKS if block.mark == "not run"]
    assert [] == [str(block) for block in left_out if len(block.rest) < 10]
    assert all(compile(block.code, block.page, "exec") for block in left_out)


def test_the_readme_has_blocks() -> None:
    """The reader of the pages finds the blocks, so that the tests above are not empty."""
    assert len(blocks("README.md")) >= 3


@pytest.mark.parametrize("page", pages())
def test_each_local_link_leads_to_a_file_and_a_heading(page: str) -> None:
    """A link to a file of the project finds it, and a link to a heading finds that."""
    broken = []
    for target in links(page):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        file = ((ROOT / page).parent / name if name else ROOT / page).resolve()
        known = anchors(file.relative_to(ROOT).as_posix()) if file.suffix == ".md" and file.exists() else {anchor}
        if not file.exists() or (anchor and anchor not in known):
            broken.append(target)
    assert [] == broken
