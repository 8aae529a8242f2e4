"""Race training against the other trainers: wall time, CPU time and peak memory.

Every run is a fresh process that reads the file, cuts it at `<|endoftext|>` and learns a
vocabulary. Vocabularies are compared before any time is shown: with Hugging Face's as pairs
of byte strings (alphabet `gpt2`), with the others' as tokens in their order (alphabet
`byte`). The table shows medians of interleaved runs.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import bench

TOOLS = {
    "bpe_tool": "bpe_tool",
    "bpe_tool (gpt2 order)": "bpe_tool",
    "tokenizers": "tokenizers",
    "rustbpe": "rustbpe",
    "bpeasy": "bpeasy",
}
# Tools with equal rules, hence equal vocabularies.
RULES = {"bpe_tool (gpt2 order)": "gpt2", "tokenizers": "gpt2"}


def documents(path: Path) -> Iterator[str]:
    yield from path.read_bytes().decode().split(bench.SEPARATOR)


def bpe_tool(path: Path, vocab_size: int, pattern: str, alphabet: str = "byte") -> list[bytes]:
    from bpe_tool import train_vocab_from_files

    tokenizer = train_vocab_from_files(
        [path],
        vocab_size=vocab_size + 1,
        pattern=pattern,
        special_tokens=[bench.SEPARATOR],
        alphabet=alphabet,
    )
    return [left + right for left, right in tokenizer.merges]


def bpe_tool_gpt2(path: Path, vocab_size: int, pattern: str) -> list[bytes]:
    return bpe_tool(path, vocab_size, pattern, "gpt2")


def tokenizers(path: Path, vocab_size: int, pattern: str) -> list[bytes]:
    from peers import hugging_face_merges
    from reference import PATTERNS

    merges = hugging_face_merges(documents(path), vocab_size, PATTERNS[pattern])
    return [left + right for left, right in merges]


def rustbpe(path: Path, vocab_size: int, pattern: str) -> list[bytes]:
    import rustbpe
    from reference import PATTERNS

    tokenizer = rustbpe.Tokenizer()
    tokenizer.train_from_iterator(documents(path), vocab_size, pattern=PATTERNS[pattern][0])
    return in_order((bytes(token), rank) for token, rank in tokenizer.get_mergeable_ranks())


def bpeasy(path: Path, vocab_size: int, pattern: str) -> list[bytes]:
    import bpeasy
    from reference import PATTERNS

    # Longer tokens than these do not occur in a corpus of language.
    vocab = bpeasy.train_bpe(documents(path), PATTERNS[pattern][0], 10_000, vocab_size)
    return in_order(vocab.items())


def in_order(ranks: Iterable[tuple[bytes, int]]) -> list[bytes]:
    return [token for token, _ in sorted(ranks, key=lambda item: item[1])][256:]


TRAINERS: dict[str, Callable[[Path, int, str], list[bytes]]] = dict(
    zip(TOOLS, (bpe_tool, bpe_tool_gpt2, tokenizers, rustbpe, bpeasy), strict=True)
)


def work(tool: str, path: Path, vocab_size: int, pattern: str) -> None:
    """One run, in a process of its own."""
    tokens, times = bench.timed(lambda: TRAINERS[tool](path, vocab_size, pattern))
    digest = hashlib.sha256(repr(tokens).encode()).hexdigest()
    bench.report(tokens=len(tokens), digest=digest, **times)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, help="a text file")
    parser.add_argument("--vocab-size", type=int, default=32_000, help="(default: 32000)")
    parser.add_argument(
        "--pattern", choices=["gpt2", "cl100k", "o200k"], default="gpt2", help="(default: gpt2)"
    )
    parser.add_argument("--cores", type=int, default=2, help="cores each run may use (default: 2)")
    parser.add_argument("--runs", type=int, default=3, help="(default: 3)")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only this one")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.corpus, options.vocab_size, options.pattern)
        return 0

    tools = bench.available(TOOLS, options.tool or [])
    arguments = [options.corpus, "--vocab-size", options.vocab_size, "--pattern", options.pattern]
    results = bench.interleave(
        tools,
        options.runs,
        lambda tool: bench.run_fresh(__file__, [*arguments, "--worker", tool], options.cores),
    )
    for rule in ("byte", "gpt2"):
        digests = {
            tool: {run["digest"] for run in results[tool]}
            for tool in tools
            if RULES.get(tool, "byte") == rule
        }
        if len(set().union(*digests.values())) > 1:
            print(f"vocabularies with ties in the order {rule} DIFFER: {digests}")
            return 1
    ours = next(iter(tools))
    bench.table(
        ["trainer", "wall s", "CPU s", "peak MB", f"wall / {ours}", f"peak / {ours}"],
        [
            [
                tool,
                *(
                    f"{bench.median(results[tool], key):.{digits}f}"
                    for key, digits in (("wall", 1), ("cpu", 1), ("peak", 0))
                ),
                *(
                    f"{bench.median(results[tool], key) / bench.median(results[ours], key):.1f}"
                    for key in ("wall", "peak")
                ),
            ]
            for tool in tools
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
