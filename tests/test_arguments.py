"""Every parameter of every public name, with values that make no sense, and those that do."""

import inspect
import signal
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import bpe_tool
from bpe_tool.errors import ArgumentError, ArgumentTypeError, BpeToolError, DataError
from bpe_tool.preprocess.steps.case import Lowercase

SURROGATE = "a\ud800"
HUGE = 10**5000


class Liar:
    """A sequence that says it is longer than memory."""

    def __init__(self, items: list) -> None:
        self._items = items

    def __len__(self) -> int:
        return 2**62

    def __getitem__(self, index: int) -> object:
        return self._items[index]

    def __repr__(self) -> str:
        return "Liar()"


class LyingList(list):
    """A list that says it is longer than memory."""

    def __len__(self) -> int:
        return 2**62


class NoRepr:
    """What cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


NOTHING = [None, object(), NoRepr()]
NO_NUMBERS = [*NOTHING, "1", b"1", [1], 1.0, 1.5, float("nan"), float("inf"), True, np.True_, 1j,
              np.array([1, 2])]  # fmt: skip
NO_TEXT = [*NOTHING, 3, 1.5, True, ["a"], ("a",), {"a": 1}, Path("a"), np.array([1]), {"a"}]
NO_FLAG = [*NOTHING, 0, 1, "True", b"", 1.0, [True], np.array([True, False]), np.int64(1),
           memoryview(bytearray(b"1"))]  # fmt: skip
NO_ROW = [
    *NOTHING, 3, "12", b"12", bytearray(b"12"), memoryview(b"12"), {1: 2}, {1, 2}, frozenset([1]),
    [1.0], [1.5], ["1"], [b"1"], [None], [True], [1, False], [[1]], [np.True_], [np.float64(1)],
    [-1], [2**32], [2**64], [HUGE], [-HUGE], range(-5, 2), range(10**18, 0, -1),
    np.array([1.0]), np.array([True]), np.array([[1]]), np.array(1), np.array(["1"]),
    np.array([-1]), np.array([2**63], np.uint64), np.array([(1, 2)], "i4,i4"),
    np.array([1], "m8[s]"), np.array([1], "M8[s]"), array("d", [1.0]), array("q", [-1]),
    (True,), Liar([True]), LyingList([True]),
]  # fmt: skip
ROWS = [
    [], [7], (7, 8), range(5), np.array([7], ">u4"), np.array([7], ">i8"), np.array([7], "u2"),
    np.array([7], np.uint64), np.arange(10)[::3], np.arange(10)[::-1], np.array([], np.uint32),
    array("I"),
    array("H", [7]), array("q", [7]), memoryview(array("I", [7])), [np.int64(7)],
    [np.array(7)], Liar([7, 8]), LyingList([7, 8]), np.array([7], object)[:0],
]  # fmt: skip


class Kind(NamedTuple):
    """What a parameter takes: values that must be refused, and values that must be taken."""

    wrong: list[Any]
    right: list[Any]


def several(items: Kind, *, strings: bool = True) -> Kind:
    """Many values of a kind."""
    wrong = [[item] for item in items.wrong] + [(item,) for item in items.wrong[:2]]
    right = [[item] for item in items.right]
    wrong += [*NOTHING, 3, 1.5, True, "text", b"text", bytearray(b"text")] if strings else []
    return Kind(wrong, [*right, [], iter([]), Liar(items.right), LyingList(items.right)])


def whole(least: int, most: int | None = None) -> Kind:
    right = [least, np.int64(least), np.uint8(least) if least >= 0 else least, np.array(least)]
    wrong = [*NO_NUMBERS, least - 1, -HUGE]
    if most is not None:
        wrong += [most + 1, HUGE]
    return Kind(wrong, right)


def choice(*names: str) -> Kind:
    return Kind([*NO_TEXT, b"a", "", "no such name", SURROGATE, np.array(names)], list(names))


TEXT = Kind([*NO_TEXT, SURROGATE], ["", "a", b"", b"\xff", bytearray(b"a"), np.str_("a")])
STR = Kind([*NO_TEXT, b"a", bytearray(b"a")], ["", "a", SURROGATE, np.str_("a")])
FLAG = Kind(NO_FLAG, [True, False, np.True_])
PLAIN_FLAG = Kind([*NO_FLAG, np.True_], [True, False])
SHARE = Kind(
    [
        *NOTHING,
        "1",
        b"1",
        [1],
        1j,
        -0.1,
        1.1,
        float("nan"),
        float("inf"),
        True,
        HUGE,
        np.True_,
        np.complex128(1),
        np.timedelta64(1),
    ],
    [0, 1, 0.5, np.float32(0.5), np.int64(1)],
)
ROW = Kind(NO_ROW, ROWS)
PATH = Kind([*NOTHING, 3, b"a", ["a"], "a\0b", SURROGATE, ""], [])
TOKENIZER = Kind([*NOTHING, 3, "name", ["x"], {}], [])
SPECIALS = several(Kind([*NO_TEXT, b"a"], []))
SEED = whole(0, 2**64 - 1)
ID = whole(0, 2**32 - 1)
LENGTH = whole(1)
COUNT = whole(0, 2**63 - 1)
SIDE = choice("left", "right")
DTYPE = choice("int64", "int32")
THREADS = whole(0, 2**16)


def maybe(kind: Kind) -> Kind:
    wrong = [value for value in kind.wrong if value is not None]
    return Kind(wrong, [*kind.right, None])


def lengths(wrong: list[Any] | None = None) -> Kind:
    return Kind(
        wrong or [*NOTHING, 3, "1", b"1", [1.0], [True], [-1], [[1]], [2**63], {1: 2}, {1}, [None]],
        [[1, 2], (1, 2), np.array([1, 2], ">u2"), np.array([1, 2], np.uint64)],
    )


class Call(NamedTuple):
    """A function with arguments that make sense, and the kinds of its parameters."""

    function: Callable[..., object]
    arguments: dict[str, Any]
    kinds: dict[str, Kind]


@cache
def tokenizer() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=262)


@cache
def batch() -> bpe_tool.Batch:
    return bpe_tool.pad([[1, 2], [3]], pad_id=0)


@cache
def plan() -> bpe_tool.PackPlan:
    return bpe_tool.plan_packing([1, 2], 4)


def dataset() -> bpe_tool.TokenDataset:
    return bpe_tool.TokenDataset([[1, 2], [3]])


def loader() -> bpe_tool.Loader:
    return bpe_tool.Loader([[1, 2], [3]], bpe_tool.FixedRows(1), pad_id=0)


LOADING = {
    "pad_id": ID, "shuffle": FLAG, "seed": SEED, "epoch": SEED, "pool": LENGTH,
    "bos_id": maybe(ID), "eos_id": maybe(ID), "max_length": maybe(LENGTH),
    "truncation_side": SIDE, "side": SIDE, "multiple": LENGTH, "dtype": DTYPE,
    "policy": Kind([*NOTHING, 3, "FixedRows"], [bpe_tool.FixedRows(2)]),
    "objective": maybe(Kind([3, "Causal", object()], [bpe_tool.Causal()])),
    "prompt_lengths": Kind([3, "11", [1, 2], object()], [None]),
    "responses": Kind([3, "11", [1, 2], object(), bpe_tool.find_responses([[1]], 1)], [None]),
}  # fmt: skip
APPLYING = {
    "batch": Kind([*NOTHING, 3, [[1]], np.array([[1]])], []),
    "seed": SEED, "epoch": SEED,
    "loss_mask": maybe(Kind(
        [3, "11", object(), [["1"], ["1"]], [[1]], np.array([[1.0, np.nan], [1, 1]]), {1: 2}],
        [[[1, 0], [True]], np.array([[1, 0], [1, 0]], ">i4")],
    )),
    "prompt_lengths": maybe(lengths([3, "11", [1.0, 2.0], [-1, 1], [1], [[1, 1]], object()])),
}  # fmt: skip
TRAINING = {
    "vocab_size": Kind([*NO_NUMBERS, 0, -1, 255, HUGE], [256, np.int64(256)]),
    "pattern": maybe(Kind([*NO_TEXT[2:], b"a", "(", ""], ["cl100k"])),
    "special_tokens": several(Kind([*NO_TEXT, b"a", SURROGATE], [])),
    "min_frequency": whole(1), "max_token_bytes": maybe(whole(1)),
    "alphabet": choice("byte", "gpt2"), "level": choice("byte"),
    "pipeline": maybe(Kind([3, "lowercase", [Lowercase()], object()], [bpe_tool.Pipeline()])),
    "threads": THREADS, "on_progress": maybe(Kind([3, "print", [print]], [lambda *a: None])),
}  # fmt: skip
ENCODING = {"special": choice("text", "token", "error"), "template": Kind(NO_FLAG, [False])}
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
MASKING = {
    "mask_id": ID, "vocab_size": Kind([*NO_NUMBERS, -1, 0, 2**33, HUGE], [9, np.int64(9)]),
    "probability": SHARE,
    "split": Kind(
        [*NOTHING, 1, "abc", [1, 0], [0.5, 0.5, 0.5], ["1", 0, 0], [2, -1, 0], [1, 0, 0, 0],
         [1, 0, float("nan")]],
        [(1, 0, 0), [0.8, 0.1, 0.1], np.array([0.5, 0.25, 0.25])],
    ),
    "unit": choice("token", "span"),
    "special_ids": several(ID), "words": Kind([3, "words", object()], [None]),
    "span_stop": Kind([*SHARE.wrong, 0], [1, 0.5]), "max_span": LENGTH,
    "ignore_index": whole(-(2**31), -1),
}  # fmt: skip
DATASET = bpe_tool.TokenDataset
MARKERS = [*NOTHING, "1", b"1", [1.5], [True], True, -1, [-1], 2**32, [], object()]
BATCH = bpe_tool.pad([[1, 2], [1, 3]], pad_id=0)
SAMPLES = [3, "11", b"1", [1.0, 2.0], [-1, 1], [[1, 1]], [1, 2, 3], {1: 2}, [None, 1], object()]
CALLS = {
    "Causal": Call(bpe_tool.Causal, {}, {"shift": FLAG, "ignore_index": whole(-(2**31), -1)}),
    "Causal.apply": Call(bpe_tool.Causal().apply, {"batch": batch()}, APPLYING),
    "FixedRows": Call(bpe_tool.FixedRows, {"rows": 2}, {"rows": LENGTH}),
    "FixedRows.groups": Call(bpe_tool.FixedRows(2).groups, {}, {"lengths": lengths()}),
    "FixedRows.count": Call(bpe_tool.FixedRows(2).count, {}, {"samples": whole(0)}),
    "FixedRows.width": Call(bpe_tool.FixedRows(2).width, {}, {"longest": whole(0)}),
    "LengthBuckets": Call(
        bpe_tool.LengthBuckets,
        {"bounds": [4], "rows": 2},
        {
            "bounds": Kind([*NOTHING, 3, "4", [1.0], [0], [-1], [True], [None], []], [[4], (4, 8)]),
            "rows": maybe(LENGTH)._replace(right=[1]),
            "max_tokens": Kind(["1", 0, -1, True, 1.5], []),
            "pad_to_bounds": FLAG,
        },
    ),
    "LengthBuckets.groups": Call(
        bpe_tool.LengthBuckets([4], 2).groups, {}, {"lengths": lengths()}
    ),
    "LengthBuckets.width": Call(
        bpe_tool.LengthBuckets([4], 2, pad_to_bounds=True).width, {}, {"longest": whole(0, None)}
    ),
    "Batch.arrays": Call(BATCH.arrays, {}, {"names": choice("flash-attention", "transformers")}),
    "Responses.loss_mask": Call(
        bpe_tool.find_responses([[1, 2], [1]], 1).loss_mask, {"batch": BATCH},
        {"batch": Kind([*NOTHING, 3, [[1]]], [BATCH]), "before": Kind(COUNT.wrong, [0])},
    ),
    "Loader": Call(
        bpe_tool.Loader,
        {"dataset": [[1, 2], [3]], "policy": bpe_tool.FixedRows(2), "pad_id": 0},
        {
            **LOADING,
            "dataset": Kind([*NOTHING, 3, 1.5, b"12", {1: 2}, [b"12"]], [dataset()]),
            "rank": whole(0, 0), "world_size": LENGTH, "uneven": choice("drop", "repeat"),
        },
    ),
    "Loader.set_epoch": Call(lambda epoch: loader().set_epoch(epoch), {}, {"epoch": SEED}),
    "Loader.state_dict": Call(
        lambda done: loader().state_dict(done), {}, {"done": maybe(whole(0))}
    ),
    "Loader.load_state_dict": Call(
        lambda state: loader().load_state_dict(state),
        {},
        {"state": Kind([*NOTHING, 3, "state", [1], {}, {**loader().state_dict(), "place": 3},
                        {**loader().state_dict(), "epoch": True},
                        {**loader().state_dict(), "place": [1, HUGE]}], [loader().state_dict()])},
    ),
    "MaskedLM": Call(bpe_tool.MaskedLM, {"mask_id": 4, "vocab_size": 9}, MASKING),
    "MaskedLM.apply": Call(bpe_tool.MaskedLM(4, 9).apply, {"batch": batch()}, APPLYING),
    "PackPlan.rows": Call(
        plan().rows, {}, {"numbers": Kind([*NOTHING, 3, "1", [1.0], [-1], [1]], [[0], []])}
    ),
    "Packed": Call(
        bpe_tool.Packed,
        {"length": 4, "rows": 2},
        {"length": LENGTH, "rows": LENGTH,
         "strategy": choice("best-fit", "concatenate", "best-fit-crop"),
         "long": choice("split", "truncate", "drop")},
    ),
    "Packed.plan": Call(bpe_tool.Packed(4, 2).plan, {}, {"lengths": lengths()}),
    "Pipeline": Call(
        bpe_tool.Pipeline, {}, {"steps": several(Kind([*NO_TEXT, Lowercase], [Lowercase()]))}
    ),
    "Pipeline.load": Call(bpe_tool.Pipeline.load, {}, {"path": PATH}),
    "Pipeline.from_preset": Call(
        bpe_tool.Pipeline.from_preset, {}, {"name": choice("lm", "bert")._replace(right=["bert"])}
    ),
    "Pipeline.from_spec": Call(
        bpe_tool.Pipeline.from_spec, {},
        {"value": Kind([*NOTHING, 3, "x", [], {}, {"version": 1, "steps": 3},
                        {"version": 1, "steps": [3]}, {"version": HUGE, "steps": []}], [])},
    ),
    "Pipeline.save": Call(bpe_tool.Pipeline().save, {}, {"path": PATH}),
    "Pipeline.record": Call(bpe_tool.Pipeline().record, {}, {"folder": PATH}),
    "Pipeline.apply": Call(bpe_tool.Pipeline().apply, {}, {"text": STR}),
    "Pipeline.apply_all": Call(bpe_tool.Pipeline().apply_all, {}, {"texts": several(STR)}),
    "Pipeline.unfinished": Call(bpe_tool.Pipeline().unfinished, {}, {"text": STR}),
    "Pipeline.explain": Call(bpe_tool.Pipeline().explain, {}, {"text": STR}),
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
        {"tokenizer": TOKENIZER, "errors": ERRORS},
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
    "TokenBudget": Call(
        bpe_tool.TokenBudget, {"max_tokens": 8},
        {"max_tokens": LENGTH, "multiple": LENGTH, "sort": FLAG},
    ),
    "TokenBudget.groups": Call(bpe_tool.TokenBudget(8).groups, {}, {"lengths": lengths()}),
    "TokenBudget.width": Call(bpe_tool.TokenBudget(8).width, {}, {"longest": whole(0)}),
    "TokenDataset": Call(
        DATASET, {"source": [[1, 2], [3]]},
        {
            "source": Kind([*NOTHING, 3, 1.5, b"12", bytearray(b"12"), {1: 2}, [b"12"], [3]],
                           [np.array([[1]]), iter([[1]]), bpe_tool.Ragged([1], [0, 1])]),
            "view": choice("documents"),
            "length": Kind([*NO_NUMBERS[1:], 0, -1], [None]),
            "stride": Kind([*NO_NUMBERS[1:], 0, -1], [None]),
        },
    ),
    "TokenDataset.lengths": Call(
        dataset().lengths, {},
        {"indices": Kind([*NOTHING, 3, "1", [1.0], [True], [[1]], {1: 2}], [[0, -1], [], (1,)])},
    ),
    "TokenDataset.rows": Call(
        dataset().rows, {"indices": [0]},
        {"indices": Kind([*NOTHING, 3, "1", [1.0], [True], [[1]], {1: 2}], [[0, -1], [], (1,)]),
         "max_length": maybe(COUNT), "side": SIDE},
    ),
    "TokenDataset.pieces": Call(
        dataset().pieces, {"indices": [0], "starts": [0], "stops": [1]},
        {
            "indices": Kind([*NOTHING, 3, "1", [1.0], [True], [[1]], [0, 0]], [[0], [-2]]),
            "starts": Kind([*NOTHING, 3, "1", [1.0], [0, 0]], [[0], [1]]),
            "stops": Kind([*NOTHING, 3, "1", [1.0], [0, 0]], [[0], [2]]),
        },
    ),
    "Tokenizer": Call(bpe_tool.Tokenizer, {}, {"core": TOKENIZER}),
    "Tokenizer.load": Call(
        bpe_tool.Tokenizer.load, {"path": "tokenizer.json"},
        {"path": PATH, "pattern": Kind([*NO_TEXT[1:], b"a"], [None]),
         "special_tokens": SPECIALS._replace(wrong=[*SPECIALS.wrong, {"a": "b"}, {"a": -1},
                                                    {"a": 1.0}, {"a": 2**32}, {3: 3}])},
    ),
    "Tokenizer.save": Call(
        tokenizer().save, {"path": "saved.json"},
        {"path": PATH, "roles": Kind([3, "bos", ["bos"], {"bos": 3}, {"bos": "x"}, {3: "x"}],
                                     [None, {}])},
    ),
    "Tokenizer.encode": Call(tokenizer().encode, {"text": "a"}, {"text": TEXT, **ENCODING}),
    "Tokenizer.encode_batch": Call(
        tokenizer().encode_batch, {"texts": ["a"]},
        {"texts": several(TEXT), "threads": THREADS, **ENCODING},
    ),
    "Tokenizer.encode_arrays": Call(
        tokenizer().encode_arrays, {"texts": ["a"]},
        {"texts": several(TEXT), "threads": THREADS, **ENCODING},
    ),
    "Tokenizer.encode_with_offsets": Call(
        tokenizer().encode_with_offsets, {"text": "a"}, {"text": TEXT, **ENCODING}
    ),
    "Tokenizer.count": Call(tokenizer().count, {"text": "a"}, {"text": TEXT, **ENCODING}),
    "Tokenizer.decode": Call(tokenizer().decode, {"ids": [97]}, {"ids": ROW, "errors": ERRORS}),
    "Tokenizer.decode_bytes": Call(tokenizer().decode_bytes, {}, {"ids": ROW}),
    "Tokenizer.decode_batch": Call(
        tokenizer().decode_batch, {"rows": [[97]]}, {"rows": several(ROW), "errors": ERRORS}
    ),
    "Tokenizer.token_to_id": Call(
        tokenizer().token_to_id, {}, {"token": Kind([*NO_TEXT, "a"], [b"a", bytearray(b"a"), b""])}
    ),
    "Tokenizer.id_to_bytes": Call(
        tokenizer().id_to_bytes, {},
        {"id": Kind([*NO_NUMBERS, -1, 262, 2**32, 2**64, HUGE], [0, np.uint32(261), np.array(5)])},
    ),
    "WordEdges": Call(
        bpe_tool.WordEdges, {"left": np.array([True]), "right": np.array([True])},
        {name: Kind([*NOTHING, 3, [True], np.array([1]), np.array([[True]]),
                     np.array([True, True])], []) for name in ("left", "right")},
    ),
    "WordEdges.of": Call(bpe_tool.WordEdges.of, {}, {"tokenizer": TOKENIZER}),
    "WordEdges.begins": Call(
        bpe_tool.WordEdges.of(tokenizer()).begins, {},
        {"ids": Kind([*NOTHING, 3, "1", [1.0], [-1], [True], [[1]], [999]], [[1], []])},
    ),
    "batches": Call(
        lambda **arguments: list(bpe_tool.batches(**arguments)),
        {"rows": [[1, 2], [3]], "policy": bpe_tool.FixedRows(2), "pad_id": 0},
        {**LOADING, "rows": several(ROW)},
    ),
    "characters": Call(bpe_tool.characters, {}, {"text": STR}),
    "convert": Call(
        bpe_tool.convert, {"source": "tokenizer.json", "target": "other.json"},
        {"source": PATH, "target": PATH, "pattern": Kind([3, b"a"], [None]),
         "special_tokens": SPECIALS},
    ),
    "expand_contractions": Call(
        bpe_tool.expand_contractions, {"text": "a"},
        {"text": STR, "ambiguous": choice("likely", "keep"), "inversion": choice("literal"),
         "missing_apostrophes": PLAIN_FLAG},
    ),
    "expand_slang": Call(bpe_tool.expand_slang, {}, {"text": STR}),
    "find_responses": Call(
        bpe_tool.find_responses, {"samples": [[1, 2]], "prompt_end": 1},
        {"samples": Kind([*NOTHING, 3, b"12", {1: 2}, [b"12"]], [[[1, 2], [1]]]),
         "prompt_end": Kind(MARKERS, [1, [1], (1,), np.array([1], ">u2")]),
         "response_end": Kind([each for each in MARKERS if each is not None], [None, 2, [2]]),
         "first": whole(0)},
    ),
    "fix": Call(bpe_tool.fix, {}, {"text": Kind(STR.wrong, ["a"])}),
    "inspect_corpus": Call(
        bpe_tool.inspect_corpus, {"tokenizer": tokenizer(), "texts": ["a"]},
        {"tokenizer": TOKENIZER, "reference": maybe(Kind([3, b"a", "no group", ["a"]], [""])),
         "texts": several(TEXT)._replace(wrong=[*several(TEXT).wrong, {"a": "text"}, {"a": [3]},
                                                {3: ["a"]}, {"a": 3}]),
         "limit": whole(0), "threads": THREADS},
    ),
    "inspect_diff": Call(
        bpe_tool.inspect_diff, {"a": tokenizer(), "b": tokenizer()},
        {"a": TOKENIZER, "b": TOKENIZER, "texts": several(TEXT)},
    ),
    "inspect_lint": Call(bpe_tool.inspect_lint, {}, {"tokenizer": TOKENIZER}),
    "inspect_text": Call(
        bpe_tool.inspect_text, {"tokenizers": tokenizer(), "text": "a"},
        {"tokenizers": Kind([*TOKENIZER.wrong, [tokenizer()], {"a": 3}, {3: tokenizer()}],
                            [{"a": tokenizer()}]),
         "text": TEXT, "special": ENCODING["special"]},
    ),
    "inspect_vocab": Call(bpe_tool.inspect_vocab, {}, {"tokenizer": TOKENIZER}),
    "learn_stopwords": Call(
        bpe_tool.learn_stopwords, {"texts": ["a"]},
        {"texts": several(STR), "max_words": LENGTH,
         "max_document_frequency": Kind([*SHARE.wrong, 1], [0, 0.5, np.float32(0.5)])},
    ),
    "lemmatize": Call(
        bpe_tool.lemmatize, {"text": "a"},
        {"text": Kind(STR.wrong, ["a"]), "language": choice("en"),
         "keep": several(Kind([*NO_TEXT, b"a"], ["a"]))},
    ),
    "lowercase": Call(
        bpe_tool.lowercase, {"text": "a"},
        {"text": STR, "fold": PLAIN_FLAG, "turkish": PLAIN_FLAG, "keep_acronyms": PLAIN_FLAG},
    ),
    "normalize": Call(
        bpe_tool.normalize, {"text": "a"},
        {"text": STR, "form": choice("NFC", "none"), "whitespace": choice("keep", "join"),
         **dict.fromkeys(("zero_width", "line_ends", "quotes", "dashes"), PLAIN_FLAG)},
    ),
    "open_shards": Call(
        bpe_tool.open_shards, {"path": "ids.bin", "dtype": "uint16"},
        {"path": PATH, "dtype": Kind([3, "float32", b"x", ["uint16"], "no such", object()],
                                     ["uint32", np.uint16]),
         "end_id": maybe(ID), "check": FLAG},
    ),
    "pack": Call(
        bpe_tool.pack, {"rows": [[1]], "length": 4, "pad_id": 0},
        {"rows": several(ROW), "length": Kind(whole(1, 2**63 - 1).wrong, [4, np.int64(4)]),
         "pad_id": ID, "strategy": choice("best-fit"),
         "long": choice("split"), "bos_id": maybe(ID), "eos_id": maybe(ID), "dtype": DTYPE,
         "samples": maybe(Kind(SAMPLES, [[0], np.array([7], ">u8")]))},
    ),
    "pad": Call(
        bpe_tool.pad, {"rows": [[1], [2, 3]], "pad_id": 0},
        {"rows": several(ROW), "pad_id": ID, "side": SIDE,
         "length": maybe(Kind(COUNT.wrong, [2])), "multiple": LENGTH,
         "max_length": maybe(COUNT), "truncation_side": SIDE,
         "stride": Kind([*NO_NUMBERS[1:], 0, -1], [None]), "dtype": DTYPE,
         "samples": maybe(Kind(SAMPLES, [[5, 6], np.array([5, 6], ">u8")]))},
    ),
    "plan_packing": Call(
        bpe_tool.plan_packing, {"lengths": [1, 2], "length": 4},
        {"lengths": lengths(), "length": whole(1, 2**63 - 1), "strategy": choice("concatenate"),
         "long": choice("drop")},
    ),
    "prompt_lengths": Call(
        bpe_tool.prompt_lengths, {"samples": [[1, 2]], "end_id": 2},
        {"samples": Kind([*NOTHING, 3, b"12", {1: 2}, [b"12"]], [dataset()]), "end_id": ID},
    ),
    "remove_digits": Call(
        bpe_tool.remove_digits, {"text": "a1"},
        {"text": STR, "action": choice("remove", "mask"), "words": choice("same"),
         "which": choice("nd")},
    ),
    "remove_punctuation": Call(
        bpe_tool.remove_punctuation, {"text": "a."},
        {"text": STR, "which": choice("ascii", "all"),
         "keep": Kind([*NO_TEXT, b"."], ["", "."]),
         **dict.fromkeys(("keep_apostrophes", "keep_hyphens", "keep_decimals"), PLAIN_FLAG)},
    ),
    "remove_stopwords": Call(
        bpe_tool.remove_stopwords, {"text": "a"},
        {"text": STR, "lists": Kind([None, 3, [3], b"a", "no such list", [None]], [["english"]]),
         "keep_negation": PLAIN_FLAG,
         "keep": several(Kind([*NO_TEXT, b"a", "two words"], ["a"])),
         "extra": several(Kind([*NO_TEXT, b"a", ""], ["a"]))},
    ),
    "rephrase": Call(
        bpe_tool.rephrase, {"text": "a"},
        {"text": STR, "fraction": SHARE, "seed": Kind(NO_NUMBERS, [-1, 2**70, np.int64(3)]),
         "tables": Kind([None, 3, "plain-english", [], [3], ["no-such"], [None]],
                        [["plain-english"], ("plain-english",)])},
    ),
    "replace_synonyms": Call(
        bpe_tool.replace_synonyms, {"text": "a"},
        {"text": Kind(STR.wrong, []), "fraction": Kind(SHARE.wrong, []),
         "seed": Kind(NO_NUMBERS, []), "lexicon": Kind([*NO_TEXT, b"a"], [])},
    ),
    "search_vocab": Call(
        bpe_tool.search_vocab, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "text": maybe(Kind([3, b"a", ["a"]], ["a", SURROGATE])),
         "grep": maybe(Kind([3, b"a", "(", "a{99999999999}"], ["a"])), "limit": whole(0)},
    ),
    "split_characters": Call(
        bpe_tool.split_characters, {"text": "a"},
        {"text": STR, "space": Kind([*NO_TEXT, b"a"], ["_"])},
    ),
    "split_words": Call(
        bpe_tool.split_words, {"text": "a"}, {"text": STR, "drop_punctuation": PLAIN_FLAG}
    ),
    "stem": Call(
        bpe_tool.stem, {"text": "a"},
        {"text": Kind(STR.wrong, ["a"]), "language": choice("english"),
         "keep": several(Kind([*NO_TEXT, b"a"], ["a"]))},
    ),
    "strip_accents": Call(
        bpe_tool.strip_accents, {"text": "a"}, {"text": STR, "letters": PLAIN_FLAG}
    ),
    "strip_html": Call(bpe_tool.strip_html, {"text": "a"}, {"text": STR, "entities": PLAIN_FLAG}),
    "strip_urls": Call(
        bpe_tool.strip_urls, {"text": "a"},
        {"text": STR, "replacement": Kind([*NO_TEXT, b"a"], ["x"]), "emails": PLAIN_FLAG,
         "email_replacement": maybe(Kind([*NO_TEXT, b"a"], [])), "domains": PLAIN_FLAG},
    ),
    "token_tree": Call(
        bpe_tool.token_tree, {"tokenizer": tokenizer(), "id": 257},
        {"tokenizer": TOKENIZER, "limit": whole(0),
         "id": Kind([*NO_NUMBERS, -1, 262, 2**64, HUGE], [0, np.uint32(261)])},
    ),
    "train_vocab": Call(
        bpe_tool.train_vocab, {"texts": ["a"], "vocab_size": 256},
        {**TRAINING, "texts": several(TEXT)},
    ),
    "train_vocab_from_files": Call(
        bpe_tool.train_vocab_from_files, {"paths": ["text.txt"], "vocab_size": 256},
        {**TRAINING, "paths": Kind(
            [None, 3, "text.txt", b"text.txt", [3], [b"text.txt"], [None], [], ["a\0"],
             [SURROGATE], [""], Path("text.txt")],
            [[Path("text.txt")], ("text.txt",)],
        )},
    ),
    "words": Call(bpe_tool.words, {"text": "a"}, {"text": STR, "drop_punctuation": PLAIN_FLAG}),
    "write_shards": Call(
        bpe_tool.write_shards, {"rows": [[1]], "path": "ids", "vocab_size": 300, "force": True},
        {"rows": several(ROW), "path": PATH,
         "vocab_size": Kind(whole(1, 2**32).wrong, [99, np.int64(9)]),
         "format": choice("npy", "u16"), "shard_tokens": maybe(LENGTH),
         "force": FLAG._replace(right=[True, np.True_])},
    ),
}  # fmt: skip

#: Values that other functions make; they are not made by hand.
MADE = {"Batch", "PackPlan", "PackReport", "Responses", "Shard", "ShardSet"}
#: Parameters that are no value to check.
NO_PARAMETERS = {"Batch.torch", "Shard.blocks"}


def public() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function, class and method by name."""
    for name in bpe_tool.__all__:
        value = getattr(bpe_tool, name)
        if isinstance(value, str) or (isinstance(value, type) and issubclass(value, BaseException)):
            continue
        if name not in MADE:
            yield name, value
        if isinstance(value, type):
            for key, member in vars(value).items():
                function = member.__func__ if isinstance(member, classmethod) else member
                if not key.startswith("_") and inspect.isfunction(function):
                    yield f"{name}.{key}", function


def test_all_that_is_public_is_here():
    for name, function in public():
        parameters = set(inspect.signature(function).parameters) - {"self", "cls"}
        if name not in NO_PARAMETERS:
            assert parameters == set(CALLS[name].kinds if name in CALLS else ()), name


@contextmanager
def in_bounded_time(seconds: int = 60) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tokenizer().save("tokenizer.json")
    Path("ids.bin").write_bytes(b"\1\0\0\0")
    Path("text.txt").write_bytes(b"a")


PARAMETERS = [(name, parameter) for name, call in CALLS.items() for parameter in call.kinds]
OPTIONAL = {"lemmatize": "simplemma", "fix": "ftfy"}


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_wrong_values_are_refused_by_name(name: str, parameter: str, files: None):
    function, arguments, kinds = CALLS[name]
    for value in kinds[parameter].wrong:
        given = {**arguments, parameter: value}
        with in_bounded_time(), pytest.raises((BpeToolError, OSError)) as caught:
            function(**given)
        error = caught.value
        if isinstance(error, OSError):
            assert "path" in parameter or parameter in ("source", "target", "folder")
            continue
        message = f"{error} {error.hint or ''}"
        assert len(message) < 1000
        # Of what is in a text or among ids the place is named; so is what is looked up by name.
        if not isinstance(error, DataError) and not message.startswith("there "):
            assert parameter in message or parameter == "value", (value, message)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_right_values_are_taken(name: str, parameter: str, files: None):
    if name in OPTIONAL:
        pytest.importorskip(OPTIONAL[name])
    function, arguments, kinds = CALLS[name]
    for value in kinds[parameter].right:
        with in_bounded_time():
            function(**{**arguments, parameter: value})


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
        assert (ragged.ids.dtype, ragged[0].tolist()) == (np.uint32, numbers)
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


def test_what_has_no_end_is_refused_at_its_first_item(files: None):
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
