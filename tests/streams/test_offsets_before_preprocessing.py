"""Offsets of preprocessed text are those in the record as it was."""

import json

import numpy as np
import pytest
from commands import ok

from bpe_tool.preprocess import Pipeline
from bpe_tool.preprocess.special_tokens import NONE, SpecialTokens
from bpe_tool.streams.alignment import aligned


def steps(*names):
    return Pipeline.from_spec({"version": 1, "steps": [{"step": name} for name in names]})


def origins(pipeline, raw, words, specials=NONE, marks=0):
    """The parts of a record that words of its preprocessed text came from."""
    text = raw.decode(errors="replace")
    parts, alignment = aligned(pipeline, specials, raw, text, marks)
    mark = b"|" * marks
    written = b"".join(
        mark + part.encode() + mark if index % 2 else part.encode()
        for index, part in enumerate(parts)
    )
    starts = [written.index(word) for word in words]
    table = np.array(
        [(start, start + len(word)) for start, word in zip(starts, words, strict=True)], np.int64
    )
    return [raw[start:end] for start, end in alignment.spans(table).tolist()]


def test_a_copy_is_itself_and_new_text_is_what_it_replaced():
    pipeline = steps("expand_contractions", "lowercase")
    raw = "É It's LATE".encode()
    words = ["é".encode(), b"it", b"is", b"late"]
    assert origins(pipeline, raw, words) == ["É".encode(), b"It's", b"It's", b"LATE"]


def test_bytes_that_were_replaced_count_as_they_were():
    raw = b"A\xff\xfeB\xe2\x82C\xef\xbf\xbdD"
    found = origins(steps("lowercase"), raw, [b"a", b"b", b"c", b"d"])
    assert found == [b"A", b"B", b"C", b"D"]


def test_special_tokens_are_at_their_place():
    pipeline, specials = steps("lowercase"), SpecialTokens(("<S>",))
    found = origins(pipeline, b"AB<S>CD", [b"ab", b"|<S>|", b"cd"], specials, marks=1)
    assert found == [b"AB", b"<S>", b"CD"]


def test_ids_that_stand_for_nothing_have_empty_spans():
    text = "!!"
    _, alignment = aligned(steps("remove_punctuation"), NONE, text.encode(), text, 0)
    assert alignment.spans(np.zeros((2, 2), np.int64)).tolist() == [[0, 0], [0, 0]]
    _, alignment = aligned(steps("lowercase"), NONE, b"AB", "AB", 0)
    assert alignment.spans(np.array([[0, 0], [2, 2]])).tolist() == [[0, 0], [2, 2]]


@pytest.mark.parametrize("unit", ["--lines", "--whole", "--ndjson"])
def test_the_command_gives_them(tmp_path, unit):
    pipeline, vocab, source = (tmp_path / name for name in ("steps.json", "vocab.json", "input"))
    steps("expand_contractions", "lowercase").save(pipeline)
    corpus = b"it is late, it is not late, x " * 50
    options = "-o", vocab, "--special-token", "<S>", "--quiet"
    ok("train-vocab", "-", "--vocab-size", 260, *options, stdin=corpus)
    texts = ["It's LATE", "", "<S>IT ISN'T", "x"]
    if unit == "--whole":
        texts = ["It's LATE\n<S>x"]
    units = [unit, "text"] if unit == "--ndjson" else [unit]
    lines = [json.dumps({"text": text}) for text in texts] if unit == "--ndjson" else texts
    source.write_text("\n".join(lines) + ("" if unit == "--whole" else "\n"))
    output = ok(
        "encode", source, "-t", vocab, "--pipeline", pipeline, "--special", "token", "--offsets",
        "--eos", "<S>", *units,
    )  # fmt: skip
    records = [json.loads(line) for line in output.splitlines()]
    assert len(records) == len(texts)
    for text, record in zip(texts, records, strict=True):
        *spans, last = record["offsets"]
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        assert (starts, ends) == (sorted(starts), sorted(ends))
        # Every part of the text is in the span of an id.
        assert all(start <= end for start, end in zip(starts, [0, *ends], strict=False))
        assert last == [len(text)] * 2 == [max(ends, default=0)] * 2
        assert len(record["ids"]) == len(record["offsets"])
