"""Every parameter of `bpe_tool.shards`."""

import numpy as np
from arguments import (
    FLAG,
    ID,
    LENGTH,
    PATH,
    ROW,
    ArgumentTests,
    Call,
    Kind,
    choice,
    maybe,
    several,
    whole,
)

import bpe_tool
from bpe_tool import shards

CALLS = {
    "open_shards": Call(
        bpe_tool.open_shards, {"path": "ids.bin", "dtype": "uint16"},
        {"path": PATH, "dtype": Kind([3, "float32", b"x", ["uint16"], "no such", object()],
                                     ["uint32", np.uint16]),
         "end_id": maybe(ID), "check": FLAG},
    ),
    "write_shards": Call(
        bpe_tool.write_shards, {"rows": [[1]], "path": "ids", "vocab_size": 300, "force": True},
        {"rows": several(ROW), "path": PATH,
         "vocab_size": Kind(whole(1, 2**32).wrong, [99, np.int64(9)]),
         "format": choice("npy", "u16"), "shard_tokens": maybe(LENGTH),
         "force": FLAG._replace(right=[True, np.True_])},
    ),
}  # fmt: skip


class TestArguments(ArgumentTests):
    names, calls = shards.__all__, CALLS
