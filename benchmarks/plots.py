"""The plots of the documentation: how cost grows, and what the others cost."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

COLOURS = ("#1f6feb", "#d1590b", "#2f8f4e")
PEER = "#9aa4b2"


def draw(found: dict[str, Any], folder: Path) -> None:
    mpl.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 9})
    growth(found, folder / "benchmark-growth.png")
    peers(found, folder / "benchmark-peers.png")


def save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)


def growth(found: dict[str, Any], path: Path) -> None:
    figure, grid = plt.subplots(2, 3, figsize=(9.6, 5.6), layout="constrained")
    places = list(grid.flat)
    for axes, (title, label, lines, note) in zip(places, found["series"], strict=False):
        for colour, (name, points) in zip(COLOURS, lines.items(), strict=False):
            axes.plot([x for x, _ in points], [y for _, y in points], "o-", color=colour, label=name, ms=3, lw=1.2)
        xs = [x for points in lines.values() for x, _ in points]
        ys = [y for points in lines.values() for _, y in points]
        if max(xs) > 50 * max(min(xs), 0.1):
            axes.set_xscale("log")
        if max(ys) > 50 * max(min(ys), 0.1):
            axes.set_yscale("log")
        else:
            axes.set_ylim(0, max(ys) * 1.35)
        axes.set_title(title, pad=20)
        axes.annotate(
            fill(note, 56), (0.5, 1.02), xycoords="axes fraction", ha="center", va="bottom", fontsize=6, color="#57606a"
        )
        axes.set_xlabel(label.replace(" (", "\n("))
        axes.set_ylabel("added, µs")
        axes.legend(frameon=False, fontsize=7)
    for axes in places[len(found["series"]) :]:
        axes.set_axis_off()
    save(figure, path)


def peers(found: dict[str, Any], path: Path) -> None:
    names = [name for name in found["peers"] if not name.startswith("nothing")]
    figure, grid = plt.subplots(1, 2, figsize=(9.6, 3.2), layout="constrained", sharey=True)
    for axes, (which, title) in zip(
        grid, (("success", "successful request"), ("error", "failed 8x8 request")), strict=True
    ):
        values = [max(found["peers"][name][which].added, 0.0) for name in names]
        colours = [COLOURS[0] if name.startswith("eightbyeight") else PEER for name in names]
        bars = axes.barh(names, values, color=colours)
        axes.bar_label(
            bars, [f"{value:,.1f}" if value < 10 else f"{value:,.0f}" for value in values], padding=3, fontsize=7
        )
        axes.set_xlim(0, max(values) * 1.15)
        axes.set_title(f"{title}: added per call, µs")
    grid[0].invert_yaxis()
    save(figure, path)
