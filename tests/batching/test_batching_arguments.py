"""Every parameter of `bpe_tool.batching`."""

from functools import cache

import numpy as np
from arguments import (
    COUNT,
    DTYPE,
    FLAG,
    HUGE,
    ID,
    LENGTH,
    NO_NUMBERS,
    NOTHING,
    ROW,
    SEED,
    SHARE,
    SIDE,
    TOKENIZER,
    ArgumentTests,
    Call,
    Kind,
    choice,
    lengths,
    maybe,
    several,
    tokenizer,
    whole,
)

import bpe_tool
from bpe_tool import batching


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
    "TokenBudget": Call(
        bpe_tool.TokenBudget, {"max_tokens": 8},
        {"max_tokens": LENGTH, "multiple": LENGTH, "sort": FLAG},
    ),
    "TokenBudget.groups": Call(bpe_tool.TokenBudget(8).groups, {}, {"lengths": lengths()}),
    "TokenBudget.width": Call(bpe_tool.TokenBudget(8).width, {}, {"longest": whole(0)}),
    "TokenDataset": Call(
        bpe_tool.TokenDataset, {"source": [[1, 2], [3]]},
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
    "find_responses": Call(
        bpe_tool.find_responses, {"samples": [[1, 2]], "prompt_end": 1},
        {"samples": Kind([*NOTHING, 3, b"12", {1: 2}, [b"12"]], [[[1, 2], [1]]]),
         "prompt_end": Kind(MARKERS, [1, [1], (1,), np.array([1], ">u2")]),
         "response_end": Kind([each for each in MARKERS if each is not None], [None, 2, [2]]),
         "first": whole(0)},
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
}  # fmt: skip


class TestArguments(ArgumentTests):
    names, calls = batching.__all__, CALLS
