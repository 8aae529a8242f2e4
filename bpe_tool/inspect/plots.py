"""Bars and curves as SVG."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence

from bpe_tool.view import Bars, Curve, cell_text

#: Turns any text into one that may stand in a page.
Safe = Callable[[str], str]

#: The size of a curve, and the room around it for its labels.
WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 44

#: Of a bar: its height with the gap, where it begins, and how long the longest one is.
ROW, LABEL, LONGEST = 22, 140, 480

#: A label of a bar is cut after so many characters.
LABEL_CHARACTERS = 18


def bars(block: Bars, safe: Safe) -> str:
    """Return horizontal bars, one for each label."""
    most = max(block.values) or 1
    rows = []
    for at, (label, value) in enumerate(zip(block.labels, block.values, strict=True)):
        y, width = at * ROW, LONGEST * value / most
        short = label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
        text = safe(cell_text(value))
        rows.append(
            f'<g><title>{safe(label)}: {text}</title><text x="{LABEL - 8}" y="{y + 15}" '
            f'text-anchor="end">{safe(short)}</text><rect class="bar" x="{LABEL}" y="{y + 3}" '
            f'width="{max(width, 1):.1f}" height="{ROW - 6}" rx="3"/>'
            f'<text class="v" x="{LABEL + width + 6:.1f}" y="{y + 15}">{text}</text></g>'
        )
    height = len(rows) * ROW
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{safe(block.title)}">{"".join(rows)}</svg>\n'
    )


def curve(block: Curve, safe: Safe) -> str:
    """Return a line with axes, of which a script shows the point under the pointer."""
    x_axis, y_axis = _Axis(block.x, block.logarithmic), _Axis(block.y, block.logarithmic)
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        at_x, at_y = LEFT + across * x_axis.share(x), TOP + down * (1 - y_axis.share(y))
        return round(at_x, 1), round(at_y, 1)

    points = [place(x, y) for x, y in zip(block.x, block.y, strict=True)]
    parts = []
    for tick in x_axis.ticks():
        at = place(tick, block.y[0])[0]
        parts.append(
            f'<line class="grid" x1="{at}" y1="{TOP}" x2="{at}" y2="{TOP + down}"/>'
            f'<text x="{at}" y="{TOP + down + 16}" text-anchor="middle">{_short(tick)}</text>'
        )
    for tick in y_axis.ticks():
        at = place(block.x[0], tick)[1]
        parts.append(
            f'<line class="grid" x1="{LEFT}" y1="{at}" x2="{LEFT + across}" y2="{at}"/>'
            f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{_short(tick)}</text>'
        )
    parts.append(
        f'<text x="{LEFT + across / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
        f'{safe(block.x_label)}</text><text x="14" y="{TOP + down / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {TOP + down / 2})">{safe(block.y_label)}</text>'
    )
    line = " ".join(f"{x},{y}" for x, y in points)
    parts.append(f'<polyline class="line" points="{line}"/>')
    if block.mark:
        x, label = block.mark
        at = min(range(len(block.x)), key=lambda index: abs(block.x[index] - x))
        left, top = points[at]
        anchor = "end" if left > WIDTH / 2 else "start"
        parts.append(
            f'<circle class="mark" cx="{left}" cy="{top}" r="5"/><text class="v" '
            f'x="{left + (-9 if anchor == "end" else 9)}" y="{top + 26}" '
            f'text-anchor="{anchor}">{safe(label)}</text>'
        )
    said = [
        f"{block.x_label} {cell_text(x)}: {block.y_label} {cell_text(y)}"
        for x, y in zip(block.x, block.y, strict=True)
    ]
    data = safe(json.dumps([[x, y, text] for (x, y), text in zip(points, said, strict=True)]))
    return (
        f'<svg class="plot curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" tabindex="0" '
        f'aria-label="{safe(block.title)}" data-points="{data}">{"".join(parts)}'
        '<circle class="at" r="5" visibility="hidden"/></svg>'
        '<output class="detail" aria-live="polite"></output>\n'
    )


class _Axis:
    """Where numbers stand between the smallest and the largest."""

    def __init__(self, values: Sequence[float], logarithmic: bool) -> None:
        if logarithmic and min(values) <= 0:
            logarithmic = False
        self._low, self._high = min(values), max(values)
        self._logarithmic = logarithmic
        if self._low == self._high:
            self._high = self._low + 1

    def share(self, value: float) -> float:
        """Return how far along the axis a value is, from 0 to 1."""
        if self._logarithmic:
            return math.log(value / self._low) / math.log(self._high / self._low)
        return (value - self._low) / (self._high - self._low)

    def ticks(self) -> list[float]:
        """Return a few round numbers on the axis."""
        if self._logarithmic:
            powers = range(math.ceil(math.log10(self._low)), int(math.log10(self._high)) + 1)
            if len(powers) > 1:
                return [10.0**power for power in powers]
        step = 10.0 ** math.floor(math.log10((self._high - self._low) / 4))
        step *= next(
            factor for factor in (1, 2, 5, 10) if (self._high - self._low) / 6 <= step * factor
        )
        first = math.ceil(self._low / step)
        return [step * at for at in range(first, int(self._high / step) + 1)]


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
