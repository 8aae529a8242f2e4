"""What tests of the verb `batch` read and expect."""

import json

import bpe_tool

ROWS = [[1, 2, 3], [4], [], [5, 6], [7, 8, 9, 10, 11]]
IDS = "".join(" ".join(map(str, row)) + "\n" for row in ROWS).encode()
PAD = ["--pad", 0]


def read(output: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def as_lists(batches) -> list[dict[str, object]]:
    return [
        {name: value if name == "max_seqlen" else value.tolist() for name, value in each.items()}
        for each in (batch.arrays() for batch in batches)
    ]


def loaded(policy, rows=ROWS, **options) -> list[dict[str, object]]:
    return as_lists(bpe_tool.batches(rows, policy, pad_id=0, **options))
