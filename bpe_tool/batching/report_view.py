"""A comparison of ways of batching as the blocks of a report, on a terminal or as a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from bpe_tool.batching.report import BatchReport
from bpe_tool.rendering import html, terminal
from bpe_tool.rendering.blocks import Bars, Block, Share, Sparklines, StackedBars, Table, cell_text
from bpe_tool.rendering.numbers import counted

#: The most numbers in the line that shows padding from batch to batch.
_RUNS = 40

#: The share of padding at which that line has its full height.
_FULL = 0.5

#: What the slots and ids of a way are divided into.
_PARTS = ("ids", "padding", "ids lost by cropping or dropping")


def as_text(report: BatchReport, *, colour: bool = False) -> str:
    """Return a comparison as text."""
    shown = terminal.render(view(report), colour=colour)
    return f"{summary(report)}\n\n{shown}".rstrip("\n") + "\n"


def as_page(report: BatchReport, *, title: str = "Ways of batching", command: str = "") -> bytes:
    """Return a comparison as an HTML page.

    Args:
        report: The comparison.
        title: What was compared, such as the names of files.
        command: The command that made it.
    """
    return html.page(title, view(report), about=summary(report), command=command)


def summary(report: BatchReport) -> str:
    """Return the number of documents, and their lengths, as one line."""
    count = len(report.lengths)
    if not count:
        return "0 documents"
    low, middle, high = np.percentile(report.lengths, [0, 50, 100])
    return (
        f"{counted(count, 'document')}, {counted(report.tokens, 'id')}; "
        f"length: {low:,.0f} to {high:,.0f}, median {middle:,.0f}, "
        f"mean {report.tokens / count:,.1f}"
    )


def view(report: BatchReport) -> list[Block]:
    """Return what is to be shown; nothing if there are no documents."""
    if not len(report.lengths):
        return []
    outcomes = report.outcomes
    titles = [outcome.options.title for outcome in outcomes]
    usages = [outcome.usage for outcome in outcomes]
    (chosen,) = (at for at, outcome in enumerate(outcomes) if outcome.options.way == report.chosen)
    ways = [
        (
            title,
            usage.batches,
            usage.rows,
            Share(usage.padding),
            Share(usage.lost_share),
            usage.split,
            usage.cropped,
        )
        for title, usage in zip(titles, usages, strict=True)
    ]
    buckets = [
        (
            bucket.bound,
            Share((bucket.slots - bucket.tokens) / max(bucket.slots, 1)),
            bucket.rows,
            bucket.tokens,
        )
        for bucket in report.buckets
    ]
    return [
        Table(
            "Ways of batching",
            ("way", "batches", "rows", "padding", "lost", "split", "cropped"),
            ways,
            note=" ".join(_advice(report)),
            marked=chosen,
        ),
        StackedBars(
            "Slots and ids",
            titles,
            _PARTS,
            [(usage.tokens, usage.slots - usage.tokens, usage.lost) for usage in usages],
        ),
        Sparklines(
            "Padding from the first batch to the last",
            titles,
            [usage.padding_over_time(_RUNS).tolist() for usage in usages],
            full=_FULL,
            note="Full height is a padding of half or more.",
        ),
        Bars(
            "Documents by length",
            list(_spans(report)),
            report.histogram.counts.tolist(),
            axes=("length in ids", "documents"),
        ),
        Table(
            "Length buckets",
            ("up to", "padding", "rows", "ids"),
            buckets,
            note="Each batch is padded to its longest row.",
        ),
    ]


def _advice(report: BatchReport) -> Iterator[str]:
    """Yield which ways lose and pad least."""
    whole = report.least_padding(cuts=False)
    yield (
        f"Least padding with every document whole: {whole.options.title} "
        f"({cell_text(Share(whole.usage.padding))})."
    )
    cut = report.least_padding(cuts=True)
    if cut.usage.padding < whole.usage.padding:
        yield (
            f"Least padding if documents may be split: {cut.options.title} "
            f"({cell_text(Share(cut.usage.padding))}, {cut.usage.split:,} split)."
        )


def _spans(report: BatchReport) -> Iterator[str]:
    """Yield the lengths that each bar of the histogram counts."""
    edges = report.histogram.edges.tolist()
    for low, high in pairwise(edges):
        yield f"{low:,}" if high == low + 1 else f"{low:,}–{high - 1:,}"
