"""Every parameter of `bpe_tool.distributed`."""

from pathlib import Path

import numpy as np
from arguments import (
    FLAG,
    LENGTH,
    NO_TEXT,
    NOTHING,
    PATH,
    SPECIAL,
    SURROGATE,
    ArgumentTests,
    Call,
    Kind,
    choice,
    maybe,
    tokenizer,
    whole,
)

import bpe_tool
from bpe_tool import distributed

NAME = Kind([*NO_TEXT, b"text", SURROGATE], ["text", "a"])


class Rows:
    """What a dataset is to `write_ids`."""

    def iter_batches(self, **options: object) -> list:
        return []


# What begins to work with Ray is tried in `test_ray_data`.
CALLS = {
    "BatchEncoder": Call(
        bpe_tool.BatchEncoder, {"tokenizer": tokenizer()},
        {"tokenizer": Kind([*NOTHING, 3, ["x"], {}, b"x", "a\0"],
                           [tokenizer(), "tokenizer.json", Path("tokenizer.json")]),
         "column": NAME, "ids": NAME, "keep_text": FLAG, "special": SPECIAL,
         "template": FLAG._replace(right=[False]), "threads": maybe(whole(1, 2**16))},
    ),
    "BatchPreprocessor": Call(
        bpe_tool.BatchPreprocessor, {"pipeline": bpe_tool.Pipeline.from_preset("lm")},
        {"pipeline": Kind([*NOTHING, 3, ["x"], {}, b"x", "a\0"],
                          [bpe_tool.Pipeline.from_preset("lm")]), "column": NAME},
    ),
    "read_texts": Call(
        bpe_tool.read_texts, {"paths": ["text.txt"], "lines": True},
        {"paths": Kind([None, 3, "text.txt", [3], [None], ["a\0"]], []),
         "lines": FLAG._replace(right=[]),
         "separator": Kind([3, 1.5, [], "", b"", SURROGATE], []),
         "ndjson": Kind([3, b"a", SURROGATE], []), "read_bytes": Kind(LENGTH.wrong, [])},
    ),
    "write_ids": Call(
        bpe_tool.write_ids,
        {"dataset": Rows(), "path": "ids", "vocab_size": 300, "force": True},
        {"dataset": Kind([*NOTHING, 3, "x", [[1]]], [Rows()]), "path": PATH,
         "vocab_size": Kind(whole(1, 2**32).wrong, [99, np.int64(9)]), "column": NAME,
         "format": choice("npy", "u16"), "shard_tokens": maybe(LENGTH),
         "force": FLAG._replace(right=[True, np.True_])},
    ),
}  # fmt: skip


class TestArguments(ArgumentTests):
    names, calls = distributed.__all__, CALLS
