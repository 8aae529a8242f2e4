"""Pipelines: steps in order, changes told in offsets of the first text."""

import pickle
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_steps import Replace, Upper

from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.explanation import Origins
from bpe_tool.preprocess.pipeline import Pipeline


@st.composite
def edits_of(draw, length: int) -> list[Edit]:
    """Edits of a text of this length: in order, disjoint, some of them insertions."""
    places = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    texts = st.text("xyz", max_size=3)
    return [
        Edit(start, end, draw(texts), "drawn")
        for start, end in zip(places[::2], places[1::2], strict=False)
    ]


class Model:
    """Remembers for each single character where it came from, slowly."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        # Of each character: itself, start and end of its origin, whether it was copied.
        self.characters = [(char, at, at + 1, True) for at, char in enumerate(text)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        inside = self.characters[start:end]
        if inside:
            return min(each[1] for each in inside), max(each[2] for each in inside)
        before = self.characters[start - 1][1:] if start else None
        after = self.characters[start][1:] if start < len(self.characters) else None
        if before and before == after:
            return before[:2]
        place = after[0] if after else self.length
        return place, place

    def change(self, edits: list[Edit]) -> list[tuple[int, int]]:
        spans = [self.span(edit.start, edit.end) for edit in edits]
        for edit, span in reversed(list(zip(edits, spans, strict=True))):
            self.characters[edit.start : edit.end] = [(c, *span, False) for c in edit.text]
        return spans

    def net(self) -> list[tuple[int, int, str]]:
        found = []
        done, added = 0, ""
        for char, start, end, copied in [*self.characters, ("", self.length, self.length, True)]:
            if not copied:
                added += char
                continue
            if added or done < start:
                found.append((done, start, added))
            done, added = end, ""
        return found


@given(st.text("abcdef", max_size=12), st.data())
def test_changes_have_the_offsets_of_a_slow_model(text, data):
    origins, model = Origins(len(text)), Model(text)
    current = text
    for _ in range(data.draw(st.integers(0, 5))):
        edits = data.draw(edits_of(len(current)))
        assert origins.change(edits) == model.change(edits)
        current = apply_edits(current, edits)
        assert current == "".join(each[0] for each in model.characters)
        net = list(origins.net(current))
        assert [edit[:3] for edit in net] == model.net()
        assert apply_edits(text, net) == current


def lines_run(length: int) -> int:
    """How many lines of Python it takes to follow three steps that change every other character."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Callable:
        nonlocal count
        count += event == "line"
        return trace

    origins = Origins(length)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for _ in range(3):
            edits = [Edit(at, at + 1, "xy", "rule") for at in range(0, length, 2)]
            origins.change(edits)
    finally:
        sys.settrace(before)
    return count


def test_offsets_take_linear_work():
    assert lines_run(2000) < 2.1 * lines_run(1000)


PIPELINE = Pipeline(
    [
        Replace(pattern="n't", text=" not"),
        Upper(),
        Replace(pattern="NOT"),
        Replace(pattern=" +", text=" "),
    ]
)


def test_explain():
    text = "We  don't, you didn't."
    explained = PIPELINE.explain(text)
    assert explained.text == text
    assert explained.result == PIPELINE.apply(text) == "WE DO , YOU DID ."
    first, second, *_ = explained.changes
    assert first == (6, 9, "n't", " not", "replace", "match", 0.5, ("other",))
    assert text[second.start : second.end] == "n't"
    removed = [change for change in explained.changes if change.before == "NOT"]
    assert [text[change.start : change.end] for change in removed] == ["n't", "n't"]
    assert apply_edits(text, explained.net) == explained.result


@given(st.lists(st.text("ab n't ", max_size=15), max_size=5))
def test_all_ways_agree(texts):
    results = [PIPELINE.apply(text) for text in texts]
    assert PIPELINE.apply_all(texts) == results
    assert [PIPELINE.explain(text).result for text in texts] == results
    for text in texts:
        explained = PIPELINE.explain(text)
        assert apply_edits(text, explained.net) == explained.result


def test_a_pipeline_without_steps_changes_nothing():
    assert Pipeline().apply("a \ud800") == "a \ud800"
    assert Pipeline().apply_all(("a", "b")) == ["a", "b"]
    assert Pipeline().explain("a") == ("a", "a", (), ())


def test_pipelines_are_values():
    again = Pipeline(list(PIPELINE.steps))
    assert again == PIPELINE
    assert hash(again) == hash(PIPELINE)
    assert again.digest == PIPELINE.digest
    assert pickle.loads(pickle.dumps(PIPELINE)) == PIPELINE
    assert Pipeline(PIPELINE.steps[::-1]) != PIPELINE
    assert Pipeline(PIPELINE.steps[::-1]).digest != PIPELINE.digest
    with pytest.raises(AttributeError):
        PIPELINE.steps = ()
    with pytest.raises(TypeError, match=r"`steps.0.` is 'lowercase'"):
        Pipeline(["lowercase"])


@dataclass(frozen=True, kw_only=True)
class WithData(Upper):
    """A step that depends on data, and holds what cannot be pickled once it was used."""

    data: str = "one"

    def apply(self, text):
        object.__setattr__(self, "cache", lambda: text)
        return super().apply(text)

    def options(self):
        return {}

    def data_digests(self):
        return {"list": self.data}


def test_the_digest_covers_data():
    assert Pipeline([WithData()]).digest == Pipeline([WithData()]).digest
    assert Pipeline([WithData()]).digest != Pipeline([WithData(data="two")]).digest


def test_what_steps_cache_is_not_pickled():
    pipeline = Pipeline([WithData(data="two")])
    pipeline.apply("a")
    assert pickle.loads(pickle.dumps(pipeline)) == pipeline


def test_random_pipelines_compose():
    source = random.Random(7)
    for _ in range(200):
        steps = [
            Replace(pattern=source.choice(["a", "b+", "ab", "(?=c)", "^", "$", " "]), text=text)
            for text in source.choices(["", "a", "bc", " "], k=4)
        ]
        text = "".join(source.choices("abc ", k=30))
        explained = Pipeline(steps).explain(text)
        assert explained.result == Pipeline(steps).apply(text)
        assert apply_edits(text, explained.net) == explained.result
