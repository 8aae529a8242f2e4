"""Race encoding against the other tokenizers: speed, CPU time and peak memory.

Every run is a fresh process that loads the vocabulary, encodes one word, then encodes all
documents of a file once (`fresh`) and four times again (`warm`: caches are full). Ids are
compared before any time is shown. The table shows medians of interleaved runs.
"""

import argparse
import hashlib
import sys
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import bench

TOOLS = {
    "bpe_tool": "bpe_tool",
    "bpe_tool (arrays)": "bpe_tool",
    "tiktoken": "tiktoken",
    "tokenizers": "tokenizers",
    "gigatoken": "gigatoken",
}
PATTERNS = {"r50k_base": "gpt2", "cl100k_base": "cl100k", "o200k_base": "o200k"}

Encode = Callable[[list[str]], object]
ToRows = Callable[[object], list[list[int]]]


def load(tool: str, vocab: Path, threads: int) -> tuple[Encode, ToRows]:
    """What is timed, and what turns its result into lists of ids afterwards."""
    pattern = PATTERNS[vocab.stem]
    if tool.startswith("bpe_tool"):
        from bpe_tool import Tokenizer

        tokenizer = Tokenizer.load(vocab, pattern=pattern)
        if tool == "bpe_tool":
            return (lambda texts: tokenizer.encode_batch(texts, threads=threads)), lambda rows: rows

        def rows_of(ragged):
            bounds = ragged.bounds.tolist()
            return [ragged.ids[a:b].tolist() for a, b in pairwise(bounds)]

        return (lambda texts: tokenizer.encode_arrays(texts, threads=threads)), rows_of
    if tool == "gigatoken":
        from gigatoken import Tokenizer as GigaTokenizer

        giga = GigaTokenizer.from_tiktoken(vocab, pattern, special_tokens={})
        return (
            lambda texts: giga.encode_batch(texts, parallel=threads > 1)
        ), lambda rows: rows.tolist()
    import peers

    if tool == "tiktoken":
        encoding = peers.published_encoding(vocab.stem, vocab.parent)
        if threads == 1:
            # Its batches always start threads; a plain loop is faster on one core.
            return (
                lambda texts: [encoding.encode_ordinary(text) for text in texts]
            ), lambda rows: rows
        return (
            lambda texts: encoding.encode_ordinary_batch(texts, num_threads=threads)
        ), lambda rows: rows
    peer = peers.hugging_face_from_ranks(peers.read_ranks(vocab), pattern)
    return peer.encode_batch, lambda rows: [row.ids for row in rows]


def work(tool: str, vocab: Path, corpus: Path, limit: int, threads: int) -> None:
    """One run, in a process of its own."""
    texts = bench.read_documents(corpus, limit)
    encode, to_rows = load(tool, vocab, threads)
    encode(["word"])
    result, fresh = bench.timed(lambda: encode(texts))
    peak_result = to_rows(result)
    digest = hashlib.sha256()
    for row in peak_result:
        digest.update(array("I", [len(row), *row]).tobytes())
    del result, peak_result
    warm = sorted(bench.timed(lambda: encode(texts))[1]["wall"] for _ in range(4))
    bench.report(
        digest=digest.hexdigest(),
        megabytes=bench.megabytes(texts),
        warm=(warm[1] + warm[2]) / 2,
        **fresh,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocab", type=Path, help="cl100k_base.tiktoken, r50k_base… or o200k_base…")
    parser.add_argument("corpora", type=Path, nargs="+", help="text files")
    parser.add_argument("--limit-mb", type=int, default=20, help="of each file (default: 20)")
    parser.add_argument("--threads", type=int, default=1, help="threads and cores (default: 1)")
    parser.add_argument("--runs", type=int, default=3, help="(default: 3)")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only this one")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    limit = options.limit_mb * 10**6
    if options.worker:
        work(options.worker, options.vocab, options.corpora[0], limit, options.threads)
        return 0

    tools = bench.available(TOOLS, options.tool or [])
    for corpus in options.corpora:
        arguments = [
            options.vocab,
            corpus,
            "--limit-mb",
            options.limit_mb,
            "--threads",
            options.threads,
        ]
        results = bench.interleave(
            tools,
            options.runs,
            lambda tool, arguments=arguments: bench.run_fresh(
                __file__, [*arguments, "--worker", tool], options.threads
            ),
        )
        digests = {tool: {run["digest"] for run in results[tool]} for tool in tools}
        if len(set().union(*digests.values())) > 1:
            print(f"{corpus.name}: ids DIFFER: {digests}")
            return 1
        size = results[tools[0]][0]["megabytes"]
        baseline = "tiktoken" if "tiktoken" in tools else tools[0]
        slowest = bench.median(results[baseline], "wall")
        print(
            f"{corpus.name}: {size:.1f} MB, {options.vocab.stem},"
            f" threads: {options.threads}; ids are equal\n"
        )
        bench.table(
            ["tokenizer", "fresh MB/s", "warm MB/s", "CPU s", "peak MB", f"fresh / {baseline}"],
            [
                [
                    tool,
                    f"{size / bench.median(runs, 'wall'):.1f}",
                    f"{size / bench.median(runs, 'warm'):.1f}",
                    f"{bench.median(runs, 'cpu'):.1f}",
                    f"{bench.median(runs, 'peak'):.0f}",
                    f"{slowest / bench.median(runs, 'wall'):.1f}",
                ]
                for tool, runs in results.items()
            ],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
