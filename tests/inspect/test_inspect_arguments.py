"""Every parameter of `bpe_tool.inspect`."""

import numpy as np
from arguments import (
    HUGE,
    NO_NUMBERS,
    SPECIAL,
    SURROGATE,
    TEXT,
    THREADS,
    TOKENIZER,
    ArgumentTests,
    Call,
    Kind,
    maybe,
    several,
    tokenizer,
    whole,
)

import bpe_tool
from bpe_tool import inspect

COUNTS = bpe_tool.Counts.count(["a"])
CALLS = {
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
    "inspect_lint": Call(
        bpe_tool.inspect_lint, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "counts": maybe(Kind([3, "a", b"a", ["a"], object()], [COUNTS]))},
    ),
    "inspect_text": Call(
        bpe_tool.inspect_text, {"tokenizers": tokenizer(), "text": "a"},
        {"tokenizers": Kind([*TOKENIZER.wrong, [tokenizer()], {"a": 3}, {3: tokenizer()}],
                            [{"a": tokenizer()}]),
         "text": TEXT, "special": SPECIAL},
    ),
    "inspect_vocab": Call(bpe_tool.inspect_vocab, {}, {"tokenizer": TOKENIZER}),
    "search_vocab": Call(
        bpe_tool.search_vocab, {"tokenizer": tokenizer()},
        {"tokenizer": TOKENIZER, "text": maybe(Kind([3, b"a", ["a"]], ["a", SURROGATE])),
         "grep": maybe(Kind([3, b"a", "(", "a{99999999999}"], ["a"])), "limit": whole(0)},
    ),
    "token_tree": Call(
        bpe_tool.token_tree, {"tokenizer": tokenizer(), "id": 257},
        {"tokenizer": TOKENIZER, "limit": whole(0),
         "id": Kind([*NO_NUMBERS, -1, 262, 2**64, HUGE], [0, np.uint32(261)])},
    ),
}  # fmt: skip


class TestArguments(ArgumentTests):
    names, calls = inspect.__all__, CALLS
