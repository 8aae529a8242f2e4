"""A comparison of ways of batching, as one HTML page.

Nothing is loaded and nothing is run: shapes are inline SVG. Whatever is drawn can also be
read as a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpe_tool.batching.report import BatchReport, Bucket, Outcome
from bpe_tool.batching.report_text import advice, facts, share, spans
from bpe_tool.rendering.escape import html_safe as safe
from bpe_tool.rendering.page import frame

STYLE = """
:root { --pad: #e3a23c; --lost: #c8453b; }
@media (prefers-color-scheme: dark) { :root { --pad: #d99a3a; --lost: #e8695f; } }
p { margin: .25rem 0; }
section { margin-bottom: 1.2rem; }
svg.bar, svg.course, svg.histogram { display: block; width: 100%; min-width: 7rem; }
svg.bar { height: .8rem; }
svg.course { height: 2.2rem; background: var(--page); }
svg.histogram { height: auto; min-width: 36rem; margin: .8rem 0 .4rem; }
svg.key { width: .7rem; height: .7rem; }
.keys span { margin-right: 1.2rem; }
text { fill: var(--soft); font: 13px system-ui, sans-serif; }
.token { fill: var(--accent); } .pad { fill: var(--pad); } .lost { fill: var(--lost); }
.axis { stroke: var(--line); }
th, td { padding: .4rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; font-weight: normal; }
tbody th { color: inherit; }
tr > :first-child { text-align: left; }
@media (max-width: 40rem) { body { padding: 1rem .6rem 2rem; } section { padding: .8rem; }
  th, td { padding: .4rem .35rem; } th:first-child { white-space: normal; min-width: 7rem; } }
tbody tr:last-child > * { border-bottom: 0; }
tr.chosen > * { background: color-mix(in srgb, var(--accent) 12%, transparent); }
tr.chosen > :first-child { font-weight: 600; }
"""

#: The size of the histogram in its own units, and what its axes take of that.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 800, 240, 56, 26

#: So many stretches of batches are drawn.
_COURSE = 80


def render(report: BatchReport, *, title: str = "Ways of batching") -> bytes:
    """Return a comparison as a page.

    Args:
        report: The comparison.
        title: What was compared, such as the names of files.
    """
    sections = "\n".join(_sections(report))
    return frame(title, f"<main>\n{sections}\n</main>\n", about=facts(report), style=STYLE)


def _sections(report: BatchReport) -> Iterator[str]:
    if not len(report.lengths):
        return
    told = "".join(f"<p>{safe(line)}</p>" for line in advice(report))
    yield _section("Ways side by side", told + _key() + _outcomes(report))
    yield _section("Documents by length", _histogram(report))
    note = "Which share of each batch is padding, from the first batch to the last."
    yield _section("Padding from batch to batch", f'<p class="hint">{note}</p>' + _courses(report))
    if report.buckets:
        note = "How full each length bucket is when its batches are padded to their longest row."
        yield _section("Length buckets", f'<p class="hint">{note}</p>' + _buckets(report.buckets))


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{safe(title)}</h2>\n{content}\n</section>"


def _key() -> str:
    kinds = (("token", "ids"), ("pad", "padding"), ("lost", "ids lost by cropping or dropping"))
    view = 'viewBox="0 0 1 1" aria-hidden="true"'
    told = (
        f'<span><svg class="key" {view}><rect class="{kind}" width="1" height="1"/></svg> '
        f"{safe(name)}</span>"
        for kind, name in kinds
    )
    return f'<p class="hint keys">{"".join(told)}</p>'


def _outcomes(report: BatchReport) -> str:
    head = ("way", "padding", "share of ids", "lost", "batches", "rows", "split", "cropped")
    lines = [
        (
            safe(report.title(outcome.way)) + (" (taken)" if taken else ""),
            share(outcome.padding),
            _shares(outcome),
            share(outcome.lost_share),
            f"{outcome.batches:,}",
            f"{outcome.rows:,}",
            f"{outcome.split:,}",
            f"{outcome.cropped:,}",
        )
        for outcome in report.outcomes
        for taken in [outcome.way == report.chosen]
    ]
    return _table(head, lines, [outcome.way == report.chosen for outcome in report.outcomes])


def _shares(outcome: Outcome) -> str:
    return _stacked(
        ("token", outcome.tokens), ("pad", outcome.slots - outcome.tokens), ("lost", outcome.lost)
    )


def _stacked(*parts: tuple[str, int]) -> str:
    """Return one bar of several parts. The numbers stand beside it."""
    total = sum(number for _, number in parts) or 1
    start = 0.0
    drawn = []
    for kind, number in parts:
        width = 100 * number / total
        drawn.append(f'<rect class="{kind}" x="{start:.2f}" width="{width:.2f}" height="8"/>')
        start += width
    shapes = "".join(drawn)
    view = 'viewBox="0 0 100 8" preserveAspectRatio="none"'
    return f'<svg class="bar" {view} aria-hidden="true">{shapes}</svg>'


def _histogram(report: BatchReport) -> str:
    counts = report.histogram.counts.tolist()
    names = spans(report.histogram.edges)
    step = (_WIDTH - _LEFT) / len(counts)
    floor, top = _HEIGHT - _BOTTOM, 14
    shapes = []
    for place, count in enumerate(counts):
        height = (floor - top) * count / max(counts)
        x, width = _LEFT + place * step, max(step - 2, 1)
        shapes.append(
            f'<rect class="token" x="{x:.1f}" y="{floor - height:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}"><title>{safe(names[place])}: {count:,}</title></rect>'
        )
    low = [f"{edge:,}" for edge in report.histogram.edges[:-1].tolist()]
    every = -(-len(low) * max(map(len, low)) * 8 // (_WIDTH - _LEFT))
    for place in range(0, len(low), every):
        x = _LEFT + place * step
        shapes.append(f'<text x="{x:.1f}" y="{_HEIGHT - 8}">{low[place]}</text>')
    shapes.append(f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{floor}" y2="{floor}"/>')
    for y, count in ((floor, 0), (top, max(counts))):
        shapes.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{count:,}</text>')
    label = "Documents by length, as in the table below"
    drawn = (
        f'<div class="scroll"><svg class="histogram" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{label}">{"".join(shapes)}</svg></div>'
    )
    lines = [(safe(name), f"{count:,}") for name, count in zip(names, counts, strict=True)]
    table = _table(("ids", "documents"), lines)
    return f"{drawn}\n<details><summary>As a table</summary>{table}</details>"


def _courses(report: BatchReport) -> str:
    lines = []
    for outcome in report.outcomes:
        heights = outcome.course(_COURSE).tolist()
        width = 100 / max(len(heights), 1)
        bars = "".join(
            f'<rect class="pad" x="{place * width:.2f}" y="{100 - 100 * height:.2f}" '
            f'width="{width:.2f}" height="{100 * height:.2f}"/>'
            for place, height in enumerate(heights)
        )
        view = 'viewBox="0 0 100 100" preserveAspectRatio="none"'
        drawn = f'<svg class="course" {view} aria-hidden="true">{bars}</svg>'
        least, most = (share(each(heights, default=0.0)) for each in (min, max))
        lines.append((safe(report.title(outcome.way)), least, most, drawn))
    return _table(("way", "least", "most", "0 to 100 %"), lines)


def _buckets(buckets: Sequence[Bucket]) -> str:
    lines = [
        (
            f"{bucket.bound:,}",
            share(1 - bucket.tokens / max(bucket.slots, 1)),
            _stacked(("token", bucket.tokens), ("pad", bucket.slots - bucket.tokens)),
            f"{bucket.rows:,}",
            f"{bucket.tokens:,}",
        )
        for bucket in buckets
    ]
    return _table(("up to", "padding", "share of ids", "rows", "ids"), lines)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]], chosen: Iterable[bool] = ()) -> str:
    """Return a table. Its cells are markup; what heads a line comes first."""
    marks = [*chosen] or [False] * len(lines)
    titles = "".join(f'<th scope="col">{safe(title)}</th>' for title in head)
    rows = []
    for (first, *cells), mark in zip(lines, marks, strict=True):
        kind = ' class="chosen"' if mark else ""
        rest = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr{kind}><th scope="row">{first}</th>{rest}</tr>')
    return (
        f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>\n{chr(10).join(rows)}\n</tbody></table></div>"
    )
