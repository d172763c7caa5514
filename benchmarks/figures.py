"""Figures: a value, what it is held against, the aim, and whether it is met."""

import importlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result.

    ``reference`` is the value measured for the reference in the same run, ``ratio`` the value
    over it; ``aim`` says in words what ``ok`` was judged by.
    """

    name: str
    value: float
    unit: str
    reference: float | None
    ratio: float | None
    aim: str
    ok: bool


def at_most(name: str, value: float, unit: str, most: float) -> Figure:
    """Return a figure that must not be above ``most``."""
    return Figure(name, value, unit, None, None, f"≤ {most:g} {unit}".strip(), value <= most)


def ratio_at_most(
    name: str, value: float, unit: str, *, reference: float, most: float
) -> Figure:
    """Return a figure that must not be above ``most`` times its reference."""
    ratio = value / reference
    return Figure(name, value, unit, reference, ratio, f"≤ {most:g} ×", ratio <= most)


def middle(measure: Callable[[], float], runs: int = RUNS) -> float:
    """Return the median of some runs."""
    return median(measure() for _ in range(runs))


def measured(benchmark: str) -> list[Figure]:
    """Run a benchmark of this package in this process."""
    figures: list[Figure] = importlib.import_module(f"benchmarks.{benchmark}").run()
    return figures


def show(figures: list[Figure]) -> str:
    """Return a table for the terminal."""
    rows = [("figure", "value", "reference", "ratio", "aim", "")]
    for figure in figures:
        reference = "" if figure.reference is None else f"{figure.reference:.3f}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} ×"
        value = f"{figure.value:.3f} {figure.unit}"
        verdict = "ok" if figure.ok else "MISSED"
        rows.append((figure.name, value, reference, ratio, figure.aim, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def save(figures: list[Figure], file: Path) -> None:
    """Write the figures as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(figure) for figure in figures], indent=2), "utf-8")
