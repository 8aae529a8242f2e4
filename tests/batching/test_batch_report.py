"""Comparing ways of batching: the numbers, the text, and the page."""

import re
from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.batching import report_html, report_text
from bpe_tool.batching.histogram import Histogram
from bpe_tool.batching.options import Batching, FixedWidth, compared
from bpe_tool.batching.padding import pad
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import FixedRows, LengthBuckets, TokenBudget
from bpe_tool.batching.policies.plan import Strategy, plan_packing
from bpe_tool.batching.report import compare
from bpe_tool.errors import ArgumentError
from bpe_tool.rendering.page import digest

lengths_of_documents = st.lists(st.integers(0, 50), max_size=60)


@given(
    lengths=lengths_of_documents,
    rows=st.integers(1, 9),
    multiple=st.integers(1, 8),
    max_length=st.none() | st.integers(1, 60),
    pool=st.integers(1, 80),
)
def test_numbers_are_those_of_the_batches(lengths, rows, multiple, max_length, pool):
    """Batches of ids are made, and counted."""
    report = compare(lengths, rows=rows, multiple=multiple, max_length=max_length, pool=pool)
    kept = [own if max_length is None else min(own, max_length) for own in lengths]
    widest = max([1, *kept])
    widest += -widest % multiple
    length = max([1, *lengths])
    policies = {
        "in-order": FixedRows(rows),
        "buckets": LengthBuckets([2**n for n in range(8) if 2 * widest > 2**n], rows=rows),
        "token-budget": TokenBudget(max(rows * length, widest), multiple),
    }
    for outcome in report.outcomes:
        made, split, lost = [], 0, sum(lengths) - sum(kept)
        if outcome.way in policies:
            together = -(-pool // rows) * rows if outcome.way == "in-order" else pool
            for start in range(0, len(lengths), together):
                own = np.array(kept[start : start + together])
                for group in policies[outcome.way].groups(-(-own // multiple) * multiple):
                    ids = [[1] * n for n in own[group].tolist()]
                    made.append(pad(ids, pad_id=0, multiple=multiple))
            slots = [batch.ids.size for batch in made]
            tokens = [int(batch.lengths.sum()) for batch in made]
        else:
            slots, tokens, lost = [], [], 0
            for start in range(0, len(lengths), pool):
                plan = plan_packing(lengths[start : start + pool], length, strategy=outcome.way)
                for first in range(0, len(plan), rows):
                    filled = plan.filled()[first : first + rows]
                    slots.append(len(filled) * length)
                    tokens.append(int(filled.sum()))
                split += plan.report().documents_split
                lost += plan.report().lost
        assert outcome.batch_slots.tolist() == slots
        assert outcome.batch_tokens.tolist() == tokens
        assert (outcome.batches, outcome.slots, outcome.tokens) == (
            len(slots),
            sum(slots),
            sum(tokens),
        )
        assert (outcome.lost, outcome.split) == (lost, split)
        assert outcome.tokens + outcome.lost == sum(lengths)
        assert outcome.padding == pytest.approx(sum(slots) and 1 - sum(tokens) / sum(slots))
        course = outcome.course(5)
        assert len(course) == min(5, len(slots))
        assert all(0 <= share <= 1 for share in course)
    (buckets,) = (outcome for outcome in report.outcomes if outcome.way == "buckets")
    for what in ("rows", "tokens", "slots"):
        assert sum(getattr(bucket, what) for bucket in report.buckets) == getattr(buckets, what)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=50))
def test_every_length_is_in_one_bar(lengths):
    histogram = Histogram.of(np.array(lengths))
    edges, counts = histogram.edges.tolist(), histogram.counts.tolist()
    assert edges == sorted(set(edges))
    assert len(counts) == len(edges) - 1 <= 90
    for low, high, count in zip(edges, edges[1:], counts, strict=False):
        assert count == sum(low <= own < high for own in lengths)
    assert sum(counts) == len(lengths)
    assert counts[0] and counts[-1]


@pytest.mark.parametrize(
    ("way", "chosen"),
    [
        (FixedRows(4), "in-order"),
        (LengthBuckets([10, 50], rows=2), "buckets"),
        (LengthBuckets([10, 50], max_tokens=100), "buckets"),
        (TokenBudget(64), "token-budget"),
        (FixedWidth(FixedRows(4), 50), "in-order"),
        *((Packed(64, 2, way), way) for way in get_args(Strategy)),
    ],
)
def test_the_way_that_was_taken_is_marked(way, chosen):
    batching = Batching(way=way, pad_id=0)
    report = compared([np.array([3, 50, 7]), np.array([9])], batching)
    assert report.chosen == chosen
    text = report_text.render(report)
    (line,) = re.findall("^→ .*$", text, re.M)
    assert report.title(chosen) in line
    (outcome,) = (outcome for outcome in report.outcomes if outcome.way == chosen)
    assert f" {outcome.batches} " in line
    if isinstance(way, FixedWidth):
        assert outcome.slots == 200
    if isinstance(way, LengthBuckets) and way.max_tokens:
        assert outcome.batch_slots.tolist() == [18, 100][: outcome.batches] or "100 places" in line


def test_text():
    text = report_text.render(compare([2, 3, 5, 6, 9], rows=2, length=25))
    assert text.startswith("5 documents, 25 ids; length: 2 to 9, median 5, mean 5.0\n")
    assert "\n  2  ████████████████████████████████████████ 1\n" in text
    assert "Least padding with every document whole: packed, best fit, 25 wide (0 %)." in text
    assert not re.search(r"[ \t]$", text, re.M)
    assert max(map(len, text.splitlines())) <= 100
    assert report_text.render(compare([])) == "0 documents\n"
    split = report_text.render(compare([3, 5, 6, 6], length=4, rows=5))
    assert "may be split" in split


def test_shares_are_never_rounded_to_none_or_all():
    shares = [report_text.share(part) for part in (0, 1e-9, 0.0499, 0.5, 0.99999, 1)]
    assert shares == ["0 %", "<0.1 %", "5.0 %", "50.0 %", "99.9 %", "100 %"]


# Elements without an end.
VOID = {"meta", "rect", "line"}


class Page(HTMLParser):
    """Checks that elements are closed in order, and collects what there is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def test_page():
    title = '<script>alert(1)</script> & "ids".txt'
    report = compare([1, 2, 2, 9, 300, 5], rows=2, chosen="best-fit")
    text = report_html.render(report, title=title).decode()
    page = Page(text)
    assert page.open == []
    names = [name for name, _ in page.elements]
    assert not {"script", "link", "img", "iframe", "object"} & set(names)
    assert page.words.count(title) == 2
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not {"src", "href"} & set(attributes)
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in text and "@import" not in text
    (policy,) = [each["content"] for name, each in page.elements if "http-equiv" in each]
    style = re.search("<style>(.*)</style>", text, re.S)[1]
    assert policy.startswith(f"default-src 'none'; style-src '{digest(style)}';")
    assert "script-src" not in policy
    assert names.count("h1") == 1
    assert "prefers-color-scheme: dark" in text
    for name, attributes in page.elements:
        if name == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes["role"] == "img"
        if name == "rect":
            assert all(float(attributes[side] or 0) >= 0 for side in ("width", "height"))
    words = " ".join(page.words)
    for outcome in report.outcomes:
        assert report.title(outcome.way) in words
    assert names.count("details") == 1
    for bar in report.histogram.counts.tolist():
        assert f"{bar:,}" in page.words


def test_page_of_nothing():
    page = Page(report_html.render(compare([])).decode())
    assert page.open == []
    assert "0 documents" in page.words


def test_comparisons_that_cannot_be():
    for options in ({"rows": 0}, {"pool": 0}, {"length": -1}, {"multiple": 0}):
        with pytest.raises(ArgumentError):
            compare([1], **options)
