"""Compare every construct around a model with Hugging Face's library. Exits 1 on a difference.

Each construct in every variant, and pairs of them, with generated texts: ids, offsets, text. A
file that is refused is counted, with the reason.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import constructs
from constructs import Both

from bpe_tool import VocabError

Case = tuple[int, str, dict[str, Any], int]


def differences(case: Case) -> tuple[str, str | None, list[str]]:
    """The name of a case, why it is refused if it is, and what differs."""
    seed, name, parts, count = case
    try:
        both = Both(constructs.make(parts, added=seed % 2 == 1))
    except VocabError as error:
        return name, str(error), []
    found = (
        f"{text!r}: {difference}"
        for text in constructs.texts(seed, count)
        if (difference := both.difference(text))
    )
    return name, None, list(found)


def cases(texts: int, pairs: int) -> Iterator[Case]:
    for index, (name, parts) in enumerate(constructs.singles()):
        yield 2 * index, name, parts, texts
        yield 2 * index + 1, name, parts, texts
    for index, (name, parts) in enumerate(constructs.sequences(seed=1, count=pairs)):
        yield index, name, parts, texts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2000, help="texts for each construct")
    parser.add_argument("--pairs", type=int, default=500, help="sequences of constructs")
    options = parser.parse_args()
    # The library prints a trace for each text on which it panics.
    os.environ.setdefault("RUST_BACKTRACE", "0")
    failed = done = 0
    refused: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for name, reason, found in pool.map(differences, cases(options.texts, options.pairs)):
            if reason is not None:
                refused[reason] += 1
            done += 1
            failed += bool(found)
            for line in found[:3]:
                print(f"{name}: {line}")
    print(f"{done} files with {options.texts} texts each, {failed} with differences")
    for reason, count in refused.items():
        print(f"{count} refused: {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
