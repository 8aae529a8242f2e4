"""A comparison of ways of batching, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.report import BatchReport, Outcome

#: How many characters the longest bar, and a course of batches, take.
_BAR, _COURSE = 40, 40

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"


def render(report: BatchReport) -> str:
    """Return a comparison as lines of text, for 100 columns."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(report))


def _lines(report: BatchReport) -> Iterator[str]:
    yield facts(report)
    if not len(report.lengths):
        return
    yield ""
    yield "Documents by length:"
    yield from _histogram(report)
    yield ""
    yield from _table(report)
    yield ""
    yield "Padding from the first batch to the last (▁ none, █ half or more):"
    width = max(len(report.title(outcome.way)) for outcome in report.outcomes)
    for outcome in report.outcomes:
        yield f"  {report.title(outcome.way):<{width}}  {_course(outcome)}"
    yield ""
    yield from advice(report)


def facts(report: BatchReport) -> str:
    """Return how many documents there are, and how long."""
    count = len(report.lengths)
    if not count:
        return "0 documents"
    low, middle, high = np.percentile(report.lengths, [0, 50, 100])
    mean = report.tokens / count
    return (
        f"{count:,} documents, {report.tokens:,} ids; length: {low:,.0f} to {high:,.0f}, "
        f"median {middle:,.0f}, mean {mean:,.1f}"
    )


def advice(report: BatchReport) -> Iterator[str]:
    """Yield which ways lose and pad least."""
    whole = report.least_padding(cuts=False)
    yield (
        f"Least padding with every document whole: {report.title(whole.way)} "
        f"({share(whole.padding)})."
    )
    cut = report.least_padding(cuts=True)
    if cut.padding < whole.padding:
        yield (
            f"Least padding if documents may be split: {report.title(cut.way)} "
            f"({share(cut.padding)}, {cut.split:,} split)."
        )


def share(part: float) -> str:
    """Return a share in percent; never `0 %` or `100 %` for what is only nearly that.

    >>> share(0.12345), share(0.00001), share(0.0)
    ('12.3 %', '<0.1 %', '0 %')
    """
    if part in (0, 1):
        return f"{part:.0%}".replace("%", " %")
    if part < 0.001:
        return "<0.1 %"
    return f"{min(part, 0.999) * 100:.1f} %"


def spans(edges: NDArray[np.int64]) -> list[str]:
    """Return the lengths that each bar of a histogram counts, in words."""
    pairs = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [f"{low:,}" if high == low + 1 else f"{low:,}–{high - 1:,}" for low, high in pairs]


def _histogram(report: BatchReport) -> Iterator[str]:
    counts = report.histogram.counts.tolist()
    names = spans(report.histogram.edges)
    width = max(map(len, names))
    for name, count in zip(names, counts, strict=True):
        yield f"  {name:>{width}}  {_bar(count / max(counts))} {count:,}"


def _bar(part: float) -> str:
    """Return a bar in eighths of characters. What is not nothing is seen."""
    eighths = max(round(part * _BAR * 8), part > 0)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _table(report: BatchReport) -> Iterator[str]:
    rows: list[Sequence[str]] = [("", "", "batches", "rows", "padding", "lost", "split", "cropped")]
    for outcome in report.outcomes:
        mark = "→" if outcome.way == report.chosen else ""
        rows.append((mark, report.title(outcome.way), *_numbers(outcome)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for mark, title, *numbers in rows:
        cells = [f"{number:>{width}}" for number, width in zip(numbers, widths[2:], strict=True)]
        yield f"{mark:<1} {title:<{widths[1]}}  {'  '.join(cells)}"


def _numbers(outcome: Outcome) -> Sequence[str]:
    return (
        f"{outcome.batches:,}",
        f"{outcome.rows:,}",
        share(outcome.padding),
        share(outcome.lost_share),
        f"{outcome.split:,}",
        f"{outcome.cropped:,}",
    )


def _course(outcome: Outcome) -> str:
    heights = np.minimum(outcome.course(_COURSE) * 2 * len(_HEIGHTS), len(_HEIGHTS) - 1)
    return "".join(_HEIGHTS[height] for height in heights.astype(int).tolist())
