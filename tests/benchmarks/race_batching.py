"""Race padding and causal labels against Hugging Face's `DataCollatorForLanguageModeling`.

Every run is a fresh process that makes batches of short rows. `dicts` is how the collator is
used, rows as they come out of a dataset; `lists` are bare lists of ids, which it takes, too,
and then gives no attention mask; `arrays` are rows as `encode_arrays` gives them. Ids, masks and
labels of every batch are compared before any time is shown. The table shows medians of
interleaved runs.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable
from itertools import pairwise

import bench
import numpy as np

TOOLS = {
    "bpe_tool, lists": "numpy",
    "bpe_tool, arrays": "numpy",
    "Hugging Face, dicts": "transformers",
    "Hugging Face, lists": "transformers",
}
PAD_ID, VOCAB_SIZE = 0, 50_000


def make_rows(count: int) -> list[list[int]]:
    """Rows of 5 to 60 ids. None is the id of padding: the collator would take it for that."""
    chance = np.random.default_rng(1)
    ends = np.cumsum(chance.integers(5, 61, count))
    ids = chance.integers(1, VOCAB_SIZE, ends[-1]).tolist()
    return [ids[start:end] for start, end in pairwise([0, *ends.tolist()])]


def collator(tool: str) -> Callable[[object], dict]:
    """What makes a batch of some rows."""
    if tool.startswith("bpe_tool"):
        import bpe_tool

        objective = bpe_tool.Causal()
        return lambda rows: objective.apply(bpe_tool.pad(rows, pad_id=PAD_ID)).arrays()
    from tokenizers import Tokenizer, models
    from transformers import DataCollatorForLanguageModeling, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"<pad>": PAD_ID}, unk_token="<pad>")),
        pad_token="<pad>",
    )
    return DataCollatorForLanguageModeling(tokenizer, mlm=False, return_tensors="np")


def work(tool: str, rows: int, size: int) -> None:
    """One run, in a process of its own."""
    collate = collator(tool)
    lists = make_rows(rows)
    groups: list = [lists[start : start + size] for start in range(0, rows, size)]
    if tool.endswith("arrays"):
        from bpe_tool.batching.rows import as_ragged

        groups = [as_ragged(group) for group in groups]
    elif tool.endswith("dicts"):
        groups = [[{"input_ids": row} for row in group] for group in groups]
    names = [
        name for name in ("input_ids", "attention_mask", "labels") if name in collate(groups[0])
    ]
    digests = {name: hashlib.sha256() for name in names}
    for group in groups:
        batch = collate(group)
        for name, digest in digests.items():
            digest.update(repr(batch[name].shape).encode() + batch[name].astype("<i8").tobytes())

    def run() -> None:
        for group in groups:
            collate(group)

    _, seconds = bench.timed(run)
    hashes = {name: digest.hexdigest() for name, digest in digests.items()}
    bench.report(**seconds, digests=hashes)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="(default: 1000000)")
    parser.add_argument("--size", type=int, default=64, help="rows of a batch (default: 64)")
    parser.add_argument("--runs", type=int, default=3, help="(default: 3)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.rows, options.size)
        return 0

    tools = bench.available(TOOLS, [])
    arguments = ["--rows", options.rows, "--size", options.size]
    results = bench.interleave(
        tools,
        options.runs,
        lambda tool: bench.run_fresh(__file__, [*arguments, "--worker", tool], 1),
    )
    expected = results[tools[0]][0]["digests"]
    for tool, runs in results.items():
        for digests in (run["digests"] for run in runs):
            if wrong := [name for name in digests if digests[name] != expected[name]]:
                print(f"{tool}: {', '.join(wrong)} differ")
                return 1

    slowest = max(bench.median(runs, "cpu") for runs in results.values())
    print(f"{options.rows} rows of 5 to 60 ids in batches of {options.size}\n")
    bench.table(
        ["tool", "million rows/s", "µs a batch", "times as fast"],
        [
            [
                tool,
                f"{options.rows / bench.median(runs, 'cpu') / 1e6:.2f}",
                f"{bench.median(runs, 'cpu') / options.rows * options.size * 1e6:.0f}",
                f"{slowest / bench.median(runs, 'cpu'):.1f}",
            ]
            for tool, runs in results.items()
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
