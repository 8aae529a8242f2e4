"""Decode what was encoded, for a million byte strings. Exits 1 on a difference."""

import argparse
import sys
from pathlib import Path

import bench
import generators

from bpe_tool import Tokenizer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vocab", type=Path, help="a vocabulary file")
    parser.add_argument("--pattern", help="its pattern, if the file does not hold it")
    parser.add_argument("--strings", type=int, default=1_000_000, help="(default: 1000000)")
    options = parser.parse_args()
    tokenizer = Tokenizer.load(options.vocab, pattern=options.pattern)
    failed = 0
    for seed in range(0, options.strings, 10_000):
        texts = list(generators.byte_strings(seed, min(10_000, options.strings - seed)))
        rows = tokenizer.encode_batch(texts)
        failed += sum(
            tokenizer.decode_bytes(row) != text for row, text in zip(rows, texts, strict=True)
        )
    bench.table(["strings", "that differ"], [[options.strings, failed]])
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
