"""Every parameter of what only the top level of the package shows; arrays of ids."""

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from arguments import (
    FLAG,
    HUGE,
    NO_FLAG,
    NO_NUMBERS,
    NO_TEXT,
    NOTHING,
    PATH,
    ROW,
    SEED,
    SHARE,
    SPECIAL,
    SURROGATE,
    TEXT,
    THREADS,
    TOKENIZER,
    ArgumentTests,
    Call,
    Kind,
    choice,
    in_bounded_time,
    maybe,
    several,
    tokenizer,
    whole,
)

import bpe_tool
from bpe_tool import batching, distributed, inspect, preprocess, shards
from bpe_tool.errors import ArgumentError, ArgumentTypeError, BpeToolError
from bpe_tool.preprocess.steps.case import Lowercase

SPECIALS = several(Kind([*NO_TEXT, b"a"], []))
TRAINING = {
    "vocab_size": Kind([*NO_NUMBERS, 0, -1, 255, HUGE], [256, np.int64(256)]),
    "pattern": maybe(Kind([*NO_TEXT[2:], b"a", "(", ""], ["cl100k"])),
    "special_tokens": several(Kind([*NO_TEXT, b"a", SURROGATE], [])),
    "min_frequency": whole(1), "max_token_bytes": maybe(whole(1)),
    "max_token_chars": maybe(whole(1)), "whole_characters": FLAG,
    "blocked_tokens": several(TEXT), "allowed_tokens": maybe(several(TEXT)),
    "seed_tokens": several(Kind(TEXT.wrong, [])),
    "init": maybe(Kind([3, "gpt2", object()], [])),
    "superwords": maybe(Kind([*NO_NUMBERS, 0, -1, 255, HUGE], [])),
    "prune": Kind([*NO_NUMBERS, -1, 1, HUGE], [0, np.int64(0)]),
    "alphabet": choice("byte", "gpt2"), "level": choice("byte"),
    "pipeline": maybe(Kind([3, "lowercase", [Lowercase()], object()], [bpe_tool.Pipeline()])),
    "threads": THREADS, "on_progress": maybe(Kind([3, "print", [print]], [lambda *a: None])),
}  # fmt: skip
COUNTING = {
    name: TRAINING[name] for name in ("pattern", "special_tokens", "level", "pipeline", "threads")
}
COUNTS = bpe_tool.Counts.count(["a"])
ENCODING = {"special": SPECIAL, "template": Kind(NO_FLAG, [False])}
DROPPING = {
    "dropout": maybe(SHARE), "seed": maybe(SEED), "epoch": maybe(SEED), "sample": maybe(SEED),
}  # fmt: skip
DTYPE = Kind([*NOTHING, 3, "float", "no such", "int64", ">u4", np.uint8, True],
             ["uint16", "uint32", np.uint32, np.dtype("u2")])  # fmt: skip
UNITS = {
    "lines": FLAG, "separator": maybe(Kind([*NO_TEXT[1:], "", b"", SURROGATE], ["a", b"\n"])),
    "ndjson": maybe(Kind([*NO_TEXT[1:], b"a", SURROGATE], [])),
    "column": maybe(Kind([*NO_TEXT[1:], b"a", SURROGATE], ["text"])), "binary": FLAG,
}  # fmt: skip
PATHS = Kind(
    [None, 3, "text.txt", b"text.txt", [3], [b"text.txt"], [None], [], ["a\0"], [SURROGATE], [""],
     Path("text.txt")],
    [[Path("text.txt")], ("text.txt",)],
)  # fmt: skip
LIMIT = whole(0, 2**62)
ERRORS = Kind(
    [
        *NO_TEXT,
        b"strict",
        "",
        "no such",
        "xmlcharrefreplace",
        SURROGATE,
        "a\0",
        np.array(["strict", "replace"]),
    ],
    ["strict", "ignore", "replace", "surrogateescape"],
)


CALLS = {
    "Ragged": Call(
        bpe_tool.Ragged,
        {"ids": np.array([1, 2], np.uint32), "bounds": np.array([0, 2])},
        {
            "ids": Kind([*NOTHING, 3, "12", b"12", [1.0, 2.0], [[1, 2]], [-1, 2], [2**32, 1], [1]],
                        [[1, 2], np.array([1, 2], ">u4"), (1, 2), np.array([1, 2], np.uint64)]),
            "bounds": Kind([*NOTHING, 3, "02", [0.0], [], [-1, 2], [0, 3], [2, 0, 2], [[0, 2]]],
                           [[0, 2], [1, 2], np.array([0, 2], ">i8"), [0]]),
        },
    ),
    "StreamDecoder": Call(
        bpe_tool.StreamDecoder, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "errors": ERRORS, "skip_special_tokens": FLAG},
    ),
    "StreamDecoder.feed": Call(
        lambda ids: bpe_tool.StreamDecoder(tokenizer()).feed(ids), {}, {"ids": ROW}
    ),
    "StreamEncoder": Call(
        bpe_tool.StreamEncoder, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "special": ENCODING["special"],
         "max_pretoken_bytes": whole(1, 2**62)},
    ),
    "StreamEncoder.feed": Call(
        lambda piece: bpe_tool.StreamEncoder(tokenizer()).feed(piece), {}, {"piece": TEXT}
    ),
    "Tokenizer": Call(bpe_tool.Tokenizer, {}, {"core": TOKENIZER}),
    "Tokenizer.load": Call(
        bpe_tool.Tokenizer.load, {"path": "tokenizer.json"},
        {"path": PATH, "pattern": Kind([*NO_TEXT[1:], b"a"], [None]),
         "special_tokens": SPECIALS._replace(wrong=[*SPECIALS.wrong, {"a": "b"}, {"a": -1},
                                                    {"a": 1.0}, {"a": 2**32}, {3: 3}]),
         "missing": choice("follow", "error")},
    ),
    "Tokenizer.save": Call(
        tokenizer().save, {"path": "saved.json"},
        {"path": PATH, "roles": Kind([3, "bos", ["bos"], {"bos": 3}, {"bos": "x"}, {3: "x"}],
                                     [None, {}])},
    ),
    "Counts": Call(bpe_tool.Counts, {}, {"stored": Kind([*NOTHING, 3, "a", b"a", ["a"]], [])}),
    "Counts.count": Call(
        bpe_tool.Counts.count, {"texts": ["a"]},
        {"texts": several(TEXT), **COUNTING},
    ),
    "Counts.count_files": Call(
        bpe_tool.Counts.count_files, {"paths": ["text.txt"]},
        {"paths": PATHS, **UNITS, **COUNTING},
    ),
    "Counts.load": Call(bpe_tool.Counts.load, {}, {"path": PATH._replace(right=[])}),
    "Counts.merge": Call(
        bpe_tool.Counts.merge, {"counts": [COUNTS]},
        {"counts": Kind([*NOTHING, 3, "a", COUNTS, [], ["a"], [3], [None]], [(COUNTS,)]),
         "weights": maybe(Kind([3, "1", ["1"], [0], [-1], [float("nan")], [True], [1, 2], []],
                               [[1], [0.5], (2,)]))},
    ),
    "Counts.save": Call(COUNTS.save, {"path": "saved.counts"}, {"path": PATH}),
    "Counts.top": Call(COUNTS.top, {}, {"n": whole(0, 2**62)}),
    "Counts.to_arrow": Call(COUNTS.to_arrow, {}, {}),
    "Counts.train_vocab": Call(
        COUNTS.train_vocab, {"vocab_size": 256},
        {name: kind for name, kind in TRAINING.items()
         if name not in ("pattern", "level", "pipeline", "threads")},
    ),
    "EncodedText": Call(
        bpe_tool.EncodedText, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "text": TEXT, "special": SPECIAL},
    ),
    "EncodedText.append": Call(
        lambda text: bpe_tool.EncodedText(tokenizer()).append(text), {}, {"text": TEXT}
    ),
    "EncodedText.truncate": Call(
        lambda size: bpe_tool.EncodedText(tokenizer(), "abc").truncate(size), {},
        {"size": whole(0, 3)},
    ),
    "Tokenizer.encode": Call(
        tokenizer().encode, {"text": "a", "dropout": 0.5}, {"text": TEXT, **ENCODING, **DROPPING}
    ),
    "Tokenizer.encode_into": Call(
        tokenizer().encode_into, {"text": "a", "buffer": np.zeros(9, np.uint32)},
        {"text": TEXT, **ENCODING,
         "buffer": Kind([*NOTHING, 3, "a", b"aaaa", [1], np.zeros(9)], [array("H", [0, 0])])},
    ),
    "Tokenizer.encode_files": Call(
        tokenizer().encode_files, {"paths": ["text.txt"], "dropout": 0.5},
        {"paths": PATHS, **UNITS, **ENCODING, "threads": THREADS,
         "max_pretoken_bytes": whole(1, 2**62), "dtype": DTYPE, **DROPPING},
    ),
    "Tokenizer.truncate": Call(
        tokenizer().truncate, {"text": "a", "limit": 9},
        {"text": TEXT, "limit": LIMIT, **ENCODING},
    ),
    "Tokenizer.chunks": Call(
        tokenizer().chunks, {"text": "a", "limit": 9},
        {"text": TEXT, "limit": whole(1, 2**62), "overlap": whole(0, 8),
         "boundary": choice("token", "line"), **ENCODING},
    ),
    "Tokenizer.chunks_with_offsets": Call(
        tokenizer().chunks_with_offsets, {"text": "a", "limit": 9},
        {"text": TEXT, "limit": whole(1, 2**62), "overlap": whole(0, 8),
         "boundary": choice("token", "line"), **ENCODING},
    ),
    "Tokenizer.encode_batch": Call(
        tokenizer().encode_batch, {"texts": ["a"], "dropout": 0.5},
        {"texts": several(TEXT), "threads": THREADS, **ENCODING, **DROPPING},
    ),
    "Tokenizer.encode_arrays": Call(
        tokenizer().encode_arrays, {"texts": ["a"], "dropout": 0.5},
        {"texts": several(TEXT), "threads": THREADS, "dtype": DTYPE, **ENCODING, **DROPPING},
    ),
    "Tokenizer.encode_with_offsets": Call(
        tokenizer().encode_with_offsets, {"text": "a"}, {"text": TEXT, **ENCODING}
    ),
    "Tokenizer.show": Call(
        tokenizer().show, {"text": "a"}, {"text": TEXT, "special": ENCODING["special"]}
    ),
    "Tokenizer.count": Call(
        tokenizer().count, {"text": "a"}, {"text": TEXT, "limit": maybe(LIMIT), **ENCODING}
    ),
    "Tokenizer.from_huggingface": Call(
        bpe_tool.Tokenizer.from_huggingface, {},
        {"tokenizer": Kind([*NOTHING, 3, "gpt2", b"a", tokenizer(), object()], [])},
    ),
    "Tokenizer.to_huggingface": Call(
        tokenizer().to_huggingface, {},
        {"library": choice("tokenizers", "transformers")._replace(right=["tokenizers"])},
    ),
    "Tokenizer.decode": Call(
        tokenizer().decode, {"ids": [97]},
        {"ids": ROW, "errors": ERRORS, "skip_special_tokens": FLAG},
    ),
    "Tokenizer.decode_bytes": Call(
        tokenizer().decode_bytes, {"ids": [97]}, {"ids": ROW, "skip_special_tokens": FLAG}
    ),
    "Tokenizer.decode_batch": Call(
        tokenizer().decode_batch, {"rows": [[97]]},
        {"rows": several(ROW), "errors": ERRORS, "skip_special_tokens": FLAG},
    ),
    "Tokenizer.token_to_id": Call(
        tokenizer().token_to_id, {}, {"token": Kind([*NO_TEXT, "a"], [b"a", bytearray(b"a"), b""])}
    ),
    "Tokenizer.id_to_bytes": Call(
        tokenizer().id_to_bytes, {},
        {"id": Kind([*NO_NUMBERS, -1, 262, 2**32, 2**64, HUGE], [0, np.uint32(261), np.array(5)])},
    ),
    "Tokenizer.with_vocab_size": Call(
        tokenizer().with_vocab_size, {},
        {"vocab_size": Kind([*NO_NUMBERS, 0, -1, 255, HUGE], [256, np.int64(300)])},
    ),
    "trim": Call(
        bpe_tool.trim, {"tokenizer": tokenizer(), "texts": ["a"]},
        {"tokenizer": TOKENIZER, "texts": several(TEXT),
         "vocab_size": maybe(Kind([*NO_NUMBERS, 0, -1, 255, HUGE], [257, np.int64(300)])),
         "freeze_ids": FLAG, "threads": THREADS},
    ),
    "convert": Call(
        bpe_tool.convert, {"source": "tokenizer.json", "target": "other.json"},
        {"source": PATH, "target": PATH, "pattern": Kind([3, b"a"], [None]),
         "special_tokens": SPECIALS},
    ),
    "train_vocab": Call(
        bpe_tool.train_vocab, {"texts": ["a"], "vocab_size": 256},
        {**TRAINING, "texts": several(TEXT)},
    ),
    "train_vocab_from_files": Call(
        bpe_tool.train_vocab_from_files, {"paths": ["text.txt"], "vocab_size": 256},
        {**TRAINING, "paths": PATHS, **UNITS},
    ),
}  # fmt: skip


ROOMS = {
    name for room in (batching, distributed, inspect, preprocess, shards) for name in room.__all__
}


class TestArguments(ArgumentTests):
    names, calls = [name for name in bpe_tool.__all__ if name not in ROOMS], CALLS


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_arrays_of_every_type_and_order_are_the_same_ids(kind: str, order: str):
    numbers = [0, 97, 98, 127] if "1" in kind else [0, 97, 256, 261]
    ids = np.array(numbers, order + kind)
    strided = np.repeat(ids, 3)[::3]
    expected = tokenizer().decode_bytes(numbers)
    for given in (ids, strided, ids[::-1][::-1]):
        assert tokenizer().decode_bytes(given) == expected
        assert tokenizer().decode_batch([given]) == [expected.decode()]
        assert bpe_tool.pad([given], pad_id=0).ids.tolist() == [numbers]
        assert bpe_tool.pad(given[None], pad_id=0).ids.tolist() == [numbers]
        ragged = bpe_tool.Ragged(given, [0, len(numbers)])
        kept = np.uint16 if given.dtype == np.uint16 else np.uint32
        assert (ragged.ids.dtype, ragged[0].tolist()) == (kept, numbers)
    if "1" not in kind and order == "<":
        assert tokenizer().decode_bytes(memoryview(ids)) == expected


def test_ids_that_no_vocabulary_has_are_named():
    for ids in ([0, -1], np.array([0, -1]), np.array([0, 2**40]), array("q", [0, -1]), (0, 2**70)):
        with pytest.raises(bpe_tool.UnknownIdError, match="at position 1"):
            tokenizer().decode(ids)
    with in_bounded_time(), pytest.raises(bpe_tool.UnknownIdError, match="id 262 at position 262"):
        tokenizer().decode(range(10**18))


def test_an_endless_iterator_can_be_interrupted():
    def ids() -> Iterator[int]:
        while True:
            yield 97

    for endless in (ids(), iter(lambda: 97, 98)):
        with pytest.raises(TimeoutError), in_bounded_time(1):
            tokenizer().decode(endless)


def test_arrays_that_cost_no_memory_are_no_lists_that_do():
    with pytest.raises(MemoryError):
        tokenizer().decode(np.broadcast_to(np.uint32(97), 2**60))


def test_what_an_index_raises_is_not_hidden():
    class Odd:
        def __index__(self) -> int:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tokenizer().decode([Odd()])


def test_errors_of_types_are_both():
    with pytest.raises(ArgumentTypeError) as caught:
        tokenizer().encode(3)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ArgumentError)
    assert caught.value.exit_code == 2
    assert str(caught.value) == "`text` is 3 (int): expected str or bytes"


def test_what_has_no_end_is_refused_at_its_first_item(argument_files: None):
    endless = range(10**18)
    for function in (
        lambda: bpe_tool.pad(endless, pad_id=0),
        lambda: tokenizer().encode_batch(endless),
        lambda: tokenizer().decode_batch(endless),
        lambda: bpe_tool.write_shards(endless, "ids", vocab_size=9),
        lambda: bpe_tool.TokenDataset(endless),
        lambda: bpe_tool.train_vocab(endless, vocab_size=256),
        lambda: bpe_tool.inspect_corpus(tokenizer(), ["a"], limit=endless),
        lambda: bpe_tool.learn_stopwords(endless),
        lambda: bpe_tool.LengthBuckets(range(1, 10**18), rows=1),
    ):
        with in_bounded_time(), pytest.raises(BpeToolError):
            function()
