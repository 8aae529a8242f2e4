"""Time texts without any help from pretokenizing, from 10 kB to 10 MB, and fit a slope.

Each family of text is encoded at growing sizes. The slope is that of a line through
log(seconds) over log(bytes): 1 is linear, 2 quadratic. Exits 1 if a family is slower than
10 MB/s at the largest size or its slope is above 1.15. What is timed decodes to the text.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import bench

from bpe_tool import Tokenizer

Family = Callable[[int, int], bytes]


def repeat(unit: str | bytes) -> Family:
    raw = unit.encode() if isinstance(unit, str) else unit
    return lambda size, seed: (raw * (size // len(raw) + 1))[:size]


def choose(characters: str) -> Family:
    width = len(characters[0].encode())
    return lambda size, seed: "".join(Random(seed).choices(characters, k=size // width)).encode()


def fibonacci(size: int, seed: int) -> bytes:
    """The word whose repetitions are nested at every scale."""
    one, other = "a", "ab"
    while len(other) < size:
        one, other = other, other + one
    return other[:size].encode()


FAMILIES: dict[str, Family] = {
    "one letter": repeat("a"),
    "spaces": repeat(" "),
    "random letters": choose("abcdefghijklmnopqrstuvwxyz"),
    "CJK without punctuation": choose("".join(map(chr, range(0x4E00, 0x9FA5)))),
    "two letters in turn": repeat("ab"),
    "newlines": repeat("\n"),
    "spaces, then a letter": lambda size, seed: b" " * (size - 1) + b"a",
    "spaces and newlines": repeat(" \n"),
    "digits": repeat("0123456789"),
    "'s": repeat("'s"),
    "apostrophes": repeat("'"),
    "punctuation": choose("!#$%&()*+,-./:;<=>?@"),
    "capital letters": choose("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "joined emoji": repeat("👩\u200d👧"),
    "combining marks": repeat("\u0301"),
    "Thai without spaces": choose("".join(map(chr, range(0xE01, 0xE2F)))),
    "DNA": choose("ACGT"),
    "base64": choose("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    "Fibonacci word": fibonacci,
    "invalid bytes": repeat(b"\xff"),
    "random bytes": lambda size, seed: Random(seed).randbytes(size),
    "beginnings of special tokens": repeat("<|endoftex"),
}


def seconds(tokenizer: Tokenizer, family: Family, size: int) -> float:
    """CPU seconds for one text, the best of three passes over texts not seen before.

    CPU time, because one thread does the work and other programs disturb it less. New texts,
    because small ones would come out of the cache the second time and make the slope steeper.
    """
    times = max(1, 300_000 // size)
    best = math.inf
    for attempt in range(3):
        texts = [family(size, attempt * times + at) for at in range(times)]
        start = time.process_time()
        for text in texts:
            tokenizer.encode_arrays([text], threads=1)
        best = min(best, (time.process_time() - start) / times)
    return best


def slope(points: list[tuple[int, float]]) -> float:
    """The slope of the line of least squares through the logarithms."""
    xs = [math.log(size) for size, _ in points]
    ys = [math.log(time) for _, time in points]
    x0, y0 = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)) / sum(
        (x - x0) ** 2 for x in xs
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocab", type=Path, help="a vocabulary file")
    parser.add_argument("--pattern", help="its pattern, if the file does not hold it")
    parser.add_argument("--largest", type=int, default=10**7, help="bytes (default: 10000000)")
    parser.add_argument("--family", action="append", choices=FAMILIES, help="only this one")
    options = parser.parse_args()
    tokenizer = Tokenizer.load(options.vocab, pattern=options.pattern)
    sizes = [10**4]
    while sizes[-1] * 10**0.5 <= options.largest * 1.01:
        sizes.append(round(10**4 * 10 ** (len(sizes) / 2)))

    rows, failed = [], False
    for name in options.family or FAMILIES:
        points = []
        for size in sizes:
            text = FAMILIES[name](size, 0)
            assert tokenizer.decode_bytes(tokenizer.encode(text)) == text
            points.append((size, seconds(tokenizer, FAMILIES[name], size)))
        speed, steepness = points[-1][0] / points[-1][1] / 1e6, slope(points)
        bad = speed < 10 or steepness > 1.15
        failed |= bad
        first = points[0][0] / points[0][1] / 1e6
        rows.append(
            [name, f"{first:.1f}", f"{speed:.1f}", f"{steepness:.2f}", "FAILED" if bad else ""]
        )
    bench.table(["text", f"MB/s at {sizes[0]}", f"MB/s at {sizes[-1]}", "slope", ""], rows)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
