"""Rewriting by tables of phrases."""

import random
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.english.context import NEGATION
from bpe_tool.preprocess.english.phrase_finder import PhraseFinder
from bpe_tool.preprocess.english.phrase_tables import LISTS, Rewrite, load_table
from bpe_tool.preprocess.steps.rephrase import Rephrase, rephrase

STEP = Rephrase()
FINDER = PhraseFinder(load_table("plain-english").rewrites)
TABLE = load_table("plain-english")
ENGLISH = sorted((Path(__file__).parents[2] / "corpora" / "english").glob("*.txt"))
# A word of each class that a guard may ask for, and one that is in none.
EXAMPLES = {
    "<edge>": "",
    "<start>": "It ended.",
    "<stop>": ";",
    "<be>": "is",
    "<have>": "have",
    "<modal>": "will",
    "<det>": "the",
    "<number>": "seven",
    "<ing>": "sailing",
}
SENTENCES = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "cases" / "rephrase.tsv").read_text().splitlines()
    if line and not line.startswith("#")
]


def surrounded(phrase: str, rewrite: Rewrite) -> str:
    """A text where the guards of a rewrite hold."""
    sides = {"before": "they", "after": "cheese", "later": ""}
    for guard in rewrite.guards:
        if guard.wanted:
            word = min(guard.words)
            sides[guard.position] = EXAMPLES.get(word, word)
    return f"{sides['before']} {phrase} {sides['after']} {sides['later']}".strip()


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences(text: str, expected: str):
    assert rephrase(text) == expected
    assert rephrase(expected) == expected


def test_our_table_is_large_and_every_form_of_it_works():
    assert len({rewrite.rule for found in TABLE.rewrites.values() for rewrite in found}) >= 320
    for phrase, rewrites in TABLE.rewrites.items():
        outputs = {(found.rule, output) for found in rewrites for output in found.outputs}
        for rewrite in rewrites:
            text = surrounded(phrase, rewrite)
            edits = STEP.edits(text)
            (edit,) = edits
            assert (edit.rule, edit.text) in outputs, text
            once = apply_edits(text, edits)
            assert rephrase(once) == once
            assert all(not FINDER.find(output) for output in rewrite.outputs), rewrite


def test_our_table_is_sorted_out():
    lines = (LISTS / "plain-english.tsv").read_text().splitlines()
    entries = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert all(len(entry) in (2, 3) and entry[0] == entry[0].lower() for entry in entries)
    assert len({(entry[0], *entry[2:]) for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    "text",
    [
        'He wrote "in order to win" there.',
        "He wrote “in order to win” there.",
        "He wrote 'in order to win' there.",
        "« utilize » and „utilize“",
        '"It opens here in order to\ngo on and on.\n\n"And in order to close there," he said.',
        "> we utilize it",
        "see `utilize` and ```\nin order to\n```",
        "http://example.org/?utilize&x=in",
        "write to utilize@example.org or @utilize",
        "utilize(x), x.utilize, utilize_it, utilize = 3, -utilize, #utilize, $utilize",
        "the Utilize project",
        "we met Prior to Bob",
        "the UTILIZE flag",
        "in order  \n\n to",
        "in, order to",
        "not in order to win",
        "He isn't able to go and isn’t numerous in it",
    ],
)
def test_left_alone(text: str):
    assert STEP.edits(text) == []


def test_line_ends_are_kept():
    assert rephrase("He did it in order\n  to win.") == "He did it\n  to win."
    assert rephrase("due to\r\nthe fact that it") == "due to\r\nthe fact that it"
    assert rephrase("late due to\r\nthe fact that it") == "late\r\nbecause it"
    assert rephrase("in a\nmanner that works") == "in a\nway that works"


def user_table(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "mine.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_user_tables(tmp_path: Path):
    mine = user_table(
        tmp_path, "\ufeff# mine\nbig\tlarge|huge\r\nthé vert\tgreen tea\nслово\tдело\n"
    )
    step = Rephrase(tables=(mine, "plain-english"), seed=3)
    text = "A big cat utilized thé vert, слово. " * 40
    edits = step.edits(text)
    assert {edit.text for edit in edits} == {"large", "huge", "used", "green tea", "дело"}
    assert edits[0].rule == "mine:big"
    assert step.apply(text) == apply_edits(text, edits)
    assert set(step.data_digests()) == {mine, "plain-english"}
    assert Rephrase(tables=(mine,), seed=4).apply(text) != Rephrase(tables=(mine,), seed=3).apply(
        text
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"big\tlarge\nsmall\n", "line 2: expected 2 or 3 columns, found 1"),
        (b"big\t\n", "line 1: an alternative is empty"),
        (b"big\tlarge||huge\n", "line 1: an alternative is empty"),
        (b"big\tBig\n", "line 1: an alternative is the phrase itself"),
        (b"\tlarge\n", "line 1: the phrase '' does not"),
        (b"big\tlarge\n\nbig\thuge\n", "line 3: 'big' is already in line 1"),
        (b"big\tlarge\tadjective\n", "line 1: unknown mark 'adjective'"),
        (b"big\tlarge\tafter:<verb>\n", "line 1: unknown class '<verb>'"),
        (b"not big\tsmall\n", "line 1: 'not big' and 'small' differ"),
        (b"small\tnot big\n", "line 1: 'small' and 'not big' differ"),
        (b"can't go\tmust stay\n", "differ in a negation"),
        (b"two of 3\ttwo of 4\n", "differ in a negation or a number"),
        (b"x" * 101 + b"\ty\n", "longer than 100"),
        (b"big\tlarge\n\xff\tx\n", "line 2: not valid UTF-8"),
    ],
)
def test_errors_of_user_tables(tmp_path: Path, content: bytes, message: str):
    path = user_table(tmp_path, content)
    with pytest.raises(ArgumentError, match=re.escape(message)) as caught:
        Rephrase(tables=(path,))
    assert path in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"fraction": -0.1},
        {"fraction": float("nan")},
        {"fraction": True},
        {"seed": 1.5},
        {"tables": ()},
        {"tables": "plain-english"},
        {"tables": ("plain-englsh",)},
    ],
)
def test_wrong_options(options: dict[str, object]):
    with pytest.raises(ArgumentError):
        Rephrase(**options)


def test_missing_files_are_errors_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Rephrase(tables=(str(tmp_path / "none.tsv"),))


def test_fraction():
    texts = [f"Number {n}: in order to win." for n in range(2000)]
    steps = [Rephrase(fraction=fraction, seed=1) for fraction in (0, 0.3, 1)]
    counts = [sum(len(step.edits(text)) for text in texts) for step in steps]
    assert counts[0] == 0
    assert counts[2] == 2000
    assert 500 < counts[1] < 700


def test_draws_are_the_same_in_every_process():
    text = "In order to win we utilized many things prior to now. " * 30
    code = (
        "from bpe_tool.preprocess.steps.rephrase import rephrase\n"
        f"print(rephrase({text!r}, fraction=0.5, seed=7), end='')"
    )
    expected = rephrase(text, fraction=0.5, seed=7)
    assert expected != text
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.decode() == expected


def check(step: Rephrase, text: str) -> str:
    """Apply a step, and check what holds for every text."""
    edits = step.edits(text)
    assert all(before.end <= after.start for before, after in pairwise(edits))
    assert all(text[edit.start : edit.end] != edit.text for edit in edits)
    done = step.apply(text)
    assert done == apply_edits(text, edits) == step.apply_all([text])[0]
    assert done.count("\n") == text.count("\n")
    for kept in (NEGATION, r"\d+", r"[\"“”`]"):
        assert re.findall(kept, done.lower()) == re.findall(kept, text.lower())
    return done


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_real_text(path: Path):
    text = path.read_text()
    done = check(STEP, text)
    assert rephrase(done) == done


PIECES = [*random.Random(1).sample(sorted(TABLE.rewrites), 120), "not", "an", "a", "the", "is", "7"]
SOUP = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.sampled_from(PIECES).map(str.title),
        st.sampled_from(PIECES).map(str.upper),
        st.sampled_from(
            [" ", " ", " ", "\n", "\n\n", "\r\n", ". ", ", ", '"', "“", "'", "`", "\0"]
        ),
        st.text(max_size=3),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(SOUP, st.sampled_from(["", " "]))
def test_any_text(pieces: list[str], between: str):
    check(STEP, between.join(pieces))


@settings(max_examples=20, deadline=None)
@given(SOUP)
def test_places_do_not_depend_on_what_is_before(pieces: list[str]):
    text = "\n" + " ".join(pieces)
    places = FINDER.find(text)
    for pad in (1000, 1020, 1024):
        found = FINDER.find("x" * pad + text)
        assert [(start - pad, end - pad) for start, end in found] == places


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "in order to win a small prize ",
        " ",
        "\n",
        "'a ",
        '"',
        "``",
        "a.",
        "a@",
        "in ",
        "order ",
        "‘",
        "> ",
        "é",
        "\ud800",
    ],
)
def test_long_lines(unit: str):
    text = unit * (200_000 // len(unit)) + " in order to win"
    done = STEP.apply(text)
    assert len(done) <= len(text)
