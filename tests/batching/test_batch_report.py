"""Comparing ways of batching: the numbers, the text, and the page."""

import html
import re
from typing import get_args

import numpy as np
import pytest
from hostile import assert_page_is_safe
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.batching import report_view
from bpe_tool.batching.histogram import Histogram
from bpe_tool.batching.literals import Strategy, Way
from bpe_tool.batching.loader import Loader
from bpe_tool.batching.padding import pad
from bpe_tool.batching.policies.fixed_rows import FixedRows
from bpe_tool.batching.policies.length_buckets import LengthBuckets
from bpe_tool.batching.policies.plan import plan_packing
from bpe_tool.batching.policies.token_budget import TokenBudget
from bpe_tool.batching.policies.usage import Usage
from bpe_tool.batching.policy_options import PolicyOptions
from bpe_tool.batching.report import BatchReport, compare
from bpe_tool.errors import ArgumentError

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
    options = PolicyOptions(rows=rows, multiple=multiple)
    report = compare(lengths, options, max_length=max_length, pool=pool)
    kept = [own if max_length is None else min(own, max_length) for own in lengths]
    widest = max([1, *kept])
    widest += -widest % multiple
    length = max([1, *lengths])
    policies = {
        "in-order": FixedRows(rows),
        "buckets": LengthBuckets([2**n for n in range(8) if 2 * widest > 2**n], rows=rows),
        "token-budget": TokenBudget(max(rows * length, widest), multiple),
    }
    for each in report.outcomes:
        way, outcome = each.options.way, each.usage
        made, split, lost = [], 0, sum(lengths) - sum(kept)
        if way in policies:
            together = -(-pool // rows) * rows if way == "in-order" else pool
            for start in range(0, len(lengths), together):
                own = np.array(kept[start : start + together])
                for group in policies[way].groups(-(-own // multiple) * multiple):
                    ids = [[1] * n for n in own[group].tolist()]
                    made.append(pad(ids, pad_id=0, multiple=multiple))
            slots = [batch.ids.size for batch in made]
            tokens = [int(batch.lengths.sum()) for batch in made]
        else:
            slots, tokens, lost = [], [], 0
            for start in range(0, len(lengths), pool):
                plan = plan_packing(lengths[start : start + pool], length, strategy=way)
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
        over_time = outcome.padding_over_time(5)
        assert len(over_time) == min(5, len(slots))
        assert all(0 <= share <= 1 for share in over_time)
    buckets = usage_of(report, "buckets")
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


def usage_of(report: BatchReport, way: Way) -> Usage:
    (usage,) = (each.usage for each in report.outcomes if each.options.way == way)
    return usage


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (PolicyOptions(rows=4), "in-order"),
        (PolicyOptions(bounds=(10, 50), rows=2), "buckets"),
        (PolicyOptions(bounds=(10, 50), max_tokens=100), "buckets"),
        (PolicyOptions(max_tokens=64), "token-budget"),
        (PolicyOptions(rows=4, length=50), "in-order"),
        *((PolicyOptions(pack=way, length=64, rows=2), way) for way in get_args(Strategy)),
    ],
)
def test_the_way_that_was_taken_is_marked(options, chosen):
    lengths = [3, 50, 7, 9]
    report = compare(lengths, options)
    assert report.chosen == chosen == options.way
    text = report_view.as_text(report)
    (line,) = re.findall("^→ .*$", text, re.M)
    assert options.title in line
    usage = usage_of(report, chosen)
    assert f" {usage.batches} " in line
    own = options.policy().usage(np.array(lengths))
    assert usage.batch_slots.tolist() == own.batch_slots.tolist()
    if options.length and not options.pack:
        assert usage.slots == 200
    if options.bounds and options.max_tokens:
        assert "100 slots" in line
    page = report_view.as_page(report).decode()
    marked = re.findall(r'<tr aria-current="true">(.*?)</tr>', page)
    assert [options.title in row for row in marked] == [True]


@pytest.mark.parametrize("options", [
    PolicyOptions(rows=3), PolicyOptions(rows=3, length=50), PolicyOptions(bounds=(9, 50), rows=2),
    PolicyOptions(bounds=(9, 50), max_tokens=90), PolicyOptions(max_tokens=64, multiple=8),
    PolicyOptions(pack="best-fit", length=20, rows=2),
    PolicyOptions(pack="concatenate", length=9, rows=4),
])  # fmt: skip
@given(lengths=lengths_of_documents)
def test_usage_is_that_of_the_batches_of_a_loader(lengths, options):
    """Whatever the policy: nobody asks which it is."""
    policy = options.policy()
    made = list(Loader([[1] * length for length in lengths], policy, pad_id=0))
    usage = policy.usage(np.array(lengths, np.int64))
    assert usage.batch_rows.tolist() == [len(batch.ids) for batch in made]
    assert usage.batch_slots.tolist() == [batch.ids.size for batch in made]
    assert usage.batch_tokens.tolist() == [int(batch.lengths.sum()) for batch in made]


def test_text():
    text = report_view.as_text(
        compare([2, 3, 5, 6, 9], PolicyOptions(rows=2, length=25, pack="best-fit"))
    )
    assert text.startswith("5 documents, 25 ids; length: 2 to 9, median 5, mean 5.0\n")
    assert "\n2  1  ████████████████████████████████████████\n" in text
    assert "Least padding with every document whole: packed, best fit, 25 wide (0 %)." in text
    assert not re.search(r"[ \t]$", text, re.M)
    assert max(map(len, text.splitlines())) <= 100
    assert report_view.as_text(compare([])) == "0 documents\n"
    assert report_view.as_text(compare([1])).startswith("1 document, 1 id;")
    split = report_view.as_text(
        compare([3, 5, 6, 6], PolicyOptions(length=4, rows=5, pack="best-fit"))
    )
    assert "may be split" in split


def test_page():
    title = '<script>alert(1)</script> & "ids".txt'
    report = compare([1, 2, 2, 9, 300, 5], PolicyOptions(rows=2))
    page = report_view.as_page(report, title=title)
    assert_page_is_safe(page)
    text = html.unescape(page.decode())
    assert text.count(title) == 2
    for outcome in report.outcomes:
        assert outcome.options.title in text
    for bar in report.histogram.counts.tolist():
        assert f">{bar:,}</td>" in text


def test_page_of_nothing():
    page = report_view.as_page(compare([]))
    assert_page_is_safe(page)
    assert b"0 documents" in page and b"<section" not in page


def test_comparisons_that_cannot_be():
    for sizes in ({"rows": 0}, {"length": -1}, {"multiple": 0}, {"pack": "best-fit", "length": 0}):
        with pytest.raises(ArgumentError):
            compare([1], PolicyOptions(**sizes))
    with pytest.raises(ArgumentError):
        compare([1], pool=0)
    with pytest.raises(ArgumentError, match="length"):
        PolicyOptions(pack="best-fit").policy()
