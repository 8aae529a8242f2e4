"""Compare what is learned, merge for merge, with the other trainers. Exits 1 on a difference.

Twenty corpora of 1 to 20 MB are cut from the files given. On each, our vocabularies of 8k,
32k and 64k are compared as pairs of byte strings with Hugging Face's trainer (alphabet
`gpt2`), and as tokens in their order with rustbpe (alphabet `byte`), if it is installed.
Then thousands of tiny corpora in which ties abound are compared with the reference, ten times as
many of them with rules on tokens drawn at random.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import bench
import generators
import test_train_rules
from peers import hugging_face_merges
from reference import PATTERNS, count_pretokens, train

from bpe_tool import train_vocab

SIZES = [8_000, 32_000, 64_000]


def cut_corpus(files: Sequence[Path], at: int, megabytes: int) -> list[str]:
    """Documents from somewhere in the file whose turn it is."""
    path = files[at % len(files)]
    size = megabytes * 10**6
    start = Random(at).randrange(max(1, path.stat().st_size - size))
    with path.open("rb") as file:
        file.seek(start)
        text = file.read(size).decode("utf-8", "ignore")
    return text.split(bench.SEPARATOR)


def equal_prefix(one: Sequence[object], other: Sequence[object]) -> str:
    """How many entries agree, of how many."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None and len(one) <= len(other):
        return f"{len(one)} equal"
    return f"DIFFER at {len(other) if same is None else same} of {len(one)}"


def against_hugging_face(documents: list[str], pattern: str, sizes: Sequence[int]) -> list[str]:
    """A merge never depends on how many follow, so that the largest size serves them all."""
    theirs = hugging_face_merges(documents, sizes[-1], PATTERNS[pattern])
    results = []
    for size in sizes:
        ours = train_vocab(documents, vocab_size=size, pattern=pattern, alphabet="gpt2").merges
        results.append(equal_prefix(ours, theirs[: size - 256]))
        if len(ours) != min(size - 256, len(theirs)):
            results[-1] = f"DIFFER: {len(ours)} merges, not {min(size - 256, len(theirs))}"
    return results


def against_rustbpe(documents: list[str], pattern: str, sizes: Sequence[int]) -> list[str]:
    import rustbpe

    peer = rustbpe.Tokenizer()
    peer.train_from_iterator(iter(documents), sizes[-1], pattern=PATTERNS[pattern][0])
    theirs = [bytes(token) for token, _ in sorted(peer.get_mergeable_ranks(), key=lambda t: t[1])]
    results = []
    for size in sizes:
        merges = train_vocab(documents, vocab_size=size, pattern=pattern).merges
        ours = [left + right for left, right in merges]
        results.append(equal_prefix(ours, theirs[256:size]))
    return results


def against_reference(count: int) -> list[int]:
    """The seeds of the tiny corpora on which we differ."""
    failed = []
    for seed in range(count):
        random = Random(seed)
        documents = generators.micro_corpus(random)
        alphabet = random.choice(["byte", "gpt2"])
        pattern = random.choice(list(PATTERNS))
        frequency, longest = random.choice([1, 1, 2, 3]), random.choice([None, None, 2, 3, 5])
        counts = count_pretokens([text.encode() for text in documents], PATTERNS[pattern])
        expected = train(
            counts, 30, alphabet=alphabet, min_frequency=frequency, max_token_bytes=longest
        )
        ours = train_vocab(
            documents, vocab_size=286, pattern=pattern, alphabet=alphabet,
            min_frequency=frequency, max_token_bytes=longest,
        )  # fmt: skip
        if ours.merges != expected:
            failed.append(seed)
    return failed


def against_reference_with_rules(count: int) -> list[str]:
    """How we differ on tiny corpora with rules and seed tokens drawn at random."""
    return list(filter(None, map(test_train_rules.difference, range(count))))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path, help="folder with the corpora (*.txt)")
    parser.add_argument(
        "--quick", action="store_true", help="4 corpora of 1 and 2 MB, 8k, 1000 tiny ones"
    )
    options = parser.parse_args()
    files = sorted(options.corpora.glob("*.txt"))
    if not files:
        parser.error(f"no *.txt in {options.corpora}")

    sizes = SIZES[:1] if options.quick else SIZES
    plan = [1, 1, 2, 2] if options.quick else range(1, 21)
    has_rustbpe = bool(bench.available({"rustbpe": "rustbpe"}, []))
    rows = []
    for at, megabytes in enumerate(plan):
        documents = cut_corpus(files, at, megabytes)
        start = time.perf_counter()
        pattern = ["gpt2", "cl100k", "o200k", "deepseek-v3"][at // len(files) % 4]
        row = [files[at % len(files)].name, f"{megabytes} MB", pattern]
        row.append(", ".join(against_hugging_face(documents, pattern, sizes)))
        pattern = pattern if len(PATTERNS[pattern]) == 1 else "qwen2"
        row.append(", ".join(against_rustbpe(documents, pattern, sizes)) if has_rustbpe else "-")
        rows.append([*row, f"{time.perf_counter() - start:.0f}"])
        print(f"\r{at + 1} of {len(plan)} corpora", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    bench.table(["corpus", "size", "pattern", "Hugging Face", "rustbpe", "seconds"], rows)

    tiny = 1000 if options.quick else 10_000
    failed = against_reference(tiny)
    print(f"{tiny} tiny corpora against the reference: {len(failed)} differ {failed[:10] or ''}")
    ruled = against_reference_with_rules(10 * tiny)
    print(f"{10 * tiny} of them with rules: {len(ruled)} differ {ruled[:3] or ''}")
    return int(bool(failed or ruled) or any("DIFFER" in cell for row in rows for cell in row))


if __name__ == "__main__":
    sys.exit(main())
