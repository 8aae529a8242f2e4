"""Bars, columns and curves as SVG.

Text is 13 units high, and up to 19 on a narrow screen, where a plot is drawn smaller.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence

from bpe_tool.rendering.blocks import (
    Bars,
    Curve,
    GroupedBars,
    Sparklines,
    StackedBars,
    cell_text,
    column_texts,
)

#: Escapes text for a page.
Safe = Callable[[str], str]

#: The size of a plot in its own units, and its margins for labels.
WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 18, 28, 56

#: The height of a bar with its gap, and where it begins if its label is beside it.
ROW, BESIDE = 25, 148

#: The height of a bar, and of a sparkline, with the label above it.
LABELLED_ROW, SPARKLINE_ROW = 42, 60

#: The largest width of a character on a narrow screen.
CHARACTER = 11

#: The room for the number at the end of a bar.
NUMBER = 8 * CHARACTER

#: The maximum length of a label beside its bar, and above. Of longer ones, the end is shown.
SHORT_LABEL, LONG_LABEL = 12, 48


def bars(block: Bars, safe: Safe) -> str:
    """Return bars, one for each label: horizontal, or columns if the labels are a scale."""
    if block.axes:
        return _columns(block, block.axes, safe)
    return _rows(block.title, block.labels, [[value] for value in block.values], safe)


def grouped_bars(block: GroupedBars, safe: Safe) -> str:
    """Return several bars for each label, and what the colours mean."""
    return _key(block.parts, safe) + _rows(block.title, block.labels, block.values, safe)


def _rows(title: str, labels: Sequence[str], values: Sequence[Sequence[float]], safe: Safe) -> str:
    """Return horizontal bars. Labels are beside them, or above if one of them is long."""
    above = max(map(len, labels)) > SHORT_LABEL
    left, top = (0, LABELLED_ROW - ROW + 6) if above else (BESIDE, 0)
    most = max(map(max, values)) or 1
    texts = iter(column_texts([value for each in values for value in each]))
    drawn, y = [], 0
    for label, several in zip(labels, values, strict=True):
        room = LONG_LABEL if above else SHORT_LABEL
        short = label if len(label) <= room else "…" + label[1 - room :]
        x, anchor = (0, "start") if above else (left - 8, "end")
        drawn.append(f'<text x="{x}" y="{y + 17}" text-anchor="{anchor}">{safe(short)}</text>')
        y += top
        for part, value in enumerate(several):
            width, text = (WIDTH - left - NUMBER) * value / most, safe(next(texts))
            drawn.append(
                f'<g><title>{safe(label)}: {text}</title><rect class="part{part}" x="{left}" '
                f'y="{y + 3}" width="{max(width, 1):.1f}" height="{ROW - 6}" rx="3"/>'
                f'<text class="v" x="{left + width + 6:.1f}" y="{y + 17}">{text}</text></g>'
            )
            y += ROW
    return _svg(title, safe, "".join(drawn), height=y)


def _columns(block: Bars, axes: tuple[str, str], safe: Safe) -> str:
    axis = _Axis([0, *block.values], logarithmic=False)
    floor, across = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT
    step = across / len(block.values)
    # Not every column has a label: long ones would overlap.
    every = max(2, math.ceil(CHARACTER * (1 + max(map(len, block.labels))) / step))
    parts = [_horizontal(axis), _axis_names(*axes, safe)]
    for at, (label, value) in enumerate(zip(block.labels, block.values, strict=True)):
        x, height = LEFT + at * step, (floor - TOP) * axis.share(value)
        parts.append(
            f"<g><title>{safe(label)}: {safe(cell_text(value))}</title>"
            f'<rect class="bar" x="{x + step * 0.1:.1f}" y="{floor - max(height, 1):.1f}" '
            f'width="{step * 0.8:.1f}" height="{max(height, 1):.1f}" rx="2"/></g>'
        )
        if at % every == 0:
            parts.append(
                f'<text x="{x + step / 2:.1f}" y="{floor + 18}" text-anchor="middle">'
                f"{safe(label)}</text>"
            )
    return _svg(block.title, safe, "".join(parts))


def stacked_bars(block: StackedBars, safe: Safe) -> str:
    """Return one bar for each label, divided into its parts, and what the colours mean."""
    drawn = []
    for at, (label, values) in enumerate(zip(block.labels, block.values, strict=True)):
        y, left, whole = at * LABELLED_ROW, 0.0, sum(values) or 1
        told = ", ".join(
            f"{name} {cell_text(value)}" for name, value in zip(block.parts, values, strict=True)
        )
        drawn.append(
            f'<g><title>{safe(label)}: {safe(told)}</title><text x="0" y="{y + 14}">'
            f"{safe(label)}</text>"
        )
        for part, value in enumerate(values):
            width = WIDTH * value / whole
            drawn.append(
                f'<rect class="part{part}" x="{left:.1f}" y="{y + 20}" width="{width:.1f}" '
                'height="14"/>'
            )
            left += width
        drawn.append("</g>")
    height = len(block.labels) * LABELLED_ROW
    return _key(block.parts, safe) + _svg(block.title, safe, "".join(drawn), height=height)


def _key(parts: Sequence[str], safe: Safe) -> str:
    """Return what the colours mean."""
    key = "".join(
        f'<span><svg class="key" viewBox="0 0 1 1" aria-hidden="true"><rect class="part{part}" '
        f'width="1" height="1"/></svg> {safe(name)}</span>'
        for part, name in enumerate(parts)
    )
    return f'<p class="hint keys">{key}</p>\n'


def sparklines(block: Sparklines, safe: Safe) -> str:
    """Return a small line of columns for each label."""
    drawn = []
    for at, (label, values) in enumerate(zip(block.labels, block.values, strict=True)):
        y = at * SPARKLINE_ROW
        floor, step = y + SPARKLINE_ROW - 8, WIDTH / max(len(values), 1)
        drawn.append(
            f'<text x="0" y="{y + 14}">{safe(label)}</text>'
            f'<line class="grid" x1="0" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>'
        )
        for number, value in enumerate(values):
            height = (SPARKLINE_ROW - 28) * min(value / block.full, 1)
            drawn.append(
                f'<rect class="bar" x="{number * step:.1f}" y="{floor - height:.1f}" '
                f'width="{step * 0.9:.1f}" height="{height:.1f}"/>'
            )
    return _svg(block.title, safe, "".join(drawn), height=len(block.labels) * SPARKLINE_ROW)


def curve(block: Curve, safe: Safe) -> str:
    """Return a line plot; a script shows the point under the pointer."""
    x_axis, y_axis = (
        _Axis(block.x, "x" in block.logarithmic),
        _Axis(block.y, "y" in block.logarithmic),
    )
    floor, across = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT
    points = [
        (
            round(LEFT + across * x_axis.share(x), 1),
            round(floor - (floor - TOP) * y_axis.share(y), 1),
        )
        for x, y in zip(block.x, block.y, strict=True)
    ]
    parts = [_horizontal(y_axis)]
    for tick in x_axis.ticks():
        at = round(LEFT + across * x_axis.share(tick), 1)
        parts.append(
            f'<line class="grid" x1="{at}" y1="{TOP}" x2="{at}" y2="{floor}"/>'
            f'<text x="{at}" y="{floor + 18}" text-anchor="middle">{_short(tick)}</text>'
        )
    parts.append(_axis_names(block.x_label, block.y_label, safe))
    line = " ".join(f"{x},{y}" for x, y in points)
    corners = f"{points[-1][0]},{floor} {points[0][0]},{floor}"
    parts.append(f'<polygon class="area" points="{line} {corners}"/>')
    parts.append(f'<polyline class="line" points="{line}"/>')
    if block.mark:
        x, label = block.mark
        at = min(range(len(block.x)), key=lambda index: abs(block.x[index] - x))
        left, top = points[at]
        # Curves rise: the label fits above on the left half, and below on the right.
        anchor, below = ("end", -9) if left > WIDTH / 2 else ("start", 24)
        parts.append(
            f'<circle class="mark" cx="{left}" cy="{top}" r="5"/><text class="v" '
            f'x="{left + (-9 if anchor == "end" else 9)}" y="{top + below}" '
            f'text-anchor="{anchor}">{safe(label)}</text>'
        )
    said = [
        f"{block.x_label} {cell_text(x)}: {block.y_label} {cell_text(y)}"
        for x, y in zip(block.x, block.y, strict=True)
    ]
    data = safe(json.dumps([[x, y, text] for (x, y), text in zip(points, said, strict=True)]))
    parts.append(f'<line class="rule" y1="{TOP}" y2="{floor}" visibility="hidden"/>')
    parts.append('<circle class="at" r="5" visibility="hidden"/>')
    drawn = _svg(block.title, safe, "".join(parts), f' tabindex="0" data-points="{data}"')
    return f'{drawn}<output class="detail" aria-live="polite"></output>\n'


def _svg(title: str, safe: Safe, parts: str, more: str = "", *, height: int = HEIGHT) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{safe(title)}"{more}>{parts}</svg>\n'
    )


def _axis_names(x_label: str, y_label: str, safe: Safe) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
        f'{safe(x_label)}</text><text x="15" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 15 {middle})">{safe(y_label)}</text>'
    )


def _horizontal(axis: _Axis) -> str:
    """Return the grid lines of the vertical axis, with their numbers."""
    lines = []
    for tick in axis.ticks():
        at = round(TOP + (HEIGHT - BOTTOM - TOP) * (1 - axis.share(tick)), 1)
        lines.append(
            f'<line class="grid" x1="{LEFT}" y1="{at}" x2="{WIDTH - RIGHT}" y2="{at}"/>'
            f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{_short(tick)}</text>'
        )
    return "".join(lines)


class _Axis:
    """A linear or logarithmic axis from the smallest to the largest of some values."""

    def __init__(self, values: Sequence[float], logarithmic: bool) -> None:
        self._low, self._high = min(values), max(values)
        self._logarithmic = logarithmic and self._low > 0
        if self._low == self._high:
            self._high = self._low + 1

    def share(self, value: float) -> float:
        """Return the position of a value on the axis, from 0 to 1."""
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
