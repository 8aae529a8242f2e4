"""Time texts that are hard on a tokenizer: no help from pretokenizing, or much work for it.

For each vocabulary and each text a table has MB/s at 1 MB and the slope: that of the line through
log(seconds) over log(bytes) from 250 kB to 2 MB, where 1 is linear and 2 quadratic. Beside it are
MB/s of gigatoken, if it is installed; it stops at its own patterns. A second table has MB/s for
all named patterns. What is timed decodes to the text. Exits 1 if a text is slower than 25 MB/s,
slower than gigatoken, or has a slope above 1.15.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import bench
from encoders import ENCODERS, Vocabulary, is_installed

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
    "letters of both cases": choose("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    "hexadecimal": choose("0123456789abcdef"),
    "one word": repeat("antidisestablishmentarianism"),
    "letters, again": repeat("eaanietnao"),
    "dashes": repeat("-"),
    "equals signs": repeat("="),
    "lines of a box": repeat("─"),
    "quote and letter in turn": repeat("'a"),
    "two signs": choose("-="),
    "DNA": choose("ACGT"),
    "base64": choose("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    "Fibonacci word": fibonacci,
    "invalid bytes": repeat(b"\xff"),
    "random bytes": lambda size, seed: Random(seed).randbytes(size),
    "Latin-1 letters": choose("".join(map(chr, [*range(0xC0, 0xD7), *range(0xD8, 0xF7)]))),
    "a and space in turn": repeat("a "),
    "beginnings of special tokens": repeat("<|endoftex"),
    "special tokens": repeat("<|endoftext|>"),
}
#: Ten times as long, for it may all be one pretoken.
LONGEST = "random letters"

#: The named patterns.
NAMES = ["gpt2", "cl100k", "o200k", "llama3", "qwen2", "qwen3.5", "tekken", "kimi-k2"]
NAMES += ["digits-gpt2", "deepseek-coder", "deepseek-v2", "deepseek-v3", "bloom"]
NAMES += ["whitespace", "none"]

SIZE = 10**6
SLOWEST, STEEPEST = 25, 1.15


def seconds(encode: Callable[[bytes], object], family: Family, size: int) -> float:
    """CPU seconds for one text, the best of three passes over texts not seen before.

    CPU time, because one thread does the work and other programs disturb it less. New texts,
    because small ones would come out of the cache the second time and make the slope steeper.
    """
    times = max(1, 300_000 // size)
    best = math.inf
    for attempt in range(3):
        seeds = range(attempt * times, (attempt + 1) * times)
        # Shorter ones, too, because some families are the same for every seed.
        texts = [family(size, seed)[seed % 7 :] for seed in seeds]
        start = time.process_time()
        for text in texts:
            encode(text)
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


def own_encode(tokenizer: Tokenizer) -> Callable[[bytes], object]:
    return lambda text: tokenizer.encode_arrays([text], threads=1)


def check(tokenizer: Tokenizer, peer: Callable[[bytes], object] | None, name: str) -> list[str]:
    """A row of the first table."""
    encode, family = own_encode(tokenizer), FAMILIES[name]
    points = [
        (size, seconds(encode, family, size)) for size in (SIZE // 4, SIZE // 2, SIZE, 2 * SIZE)
    ]
    text = family(SIZE, 0)
    assert tokenizer.decode_bytes(tokenizer.encode(text)) == text
    speed, steepness = SIZE / points[2][1] / 1e6, slope(points)
    is_text = all(byte < 0x80 for byte in text) or "bytes" not in name
    theirs = SIZE / seconds(peer, family, SIZE) / 1e6 if peer and is_text else 0.0
    bad = [
        "slow" * (speed < SLOWEST),
        "slower" * (speed < theirs),
        "steep" * (steepness > STEEPEST),
    ]
    shown = f"{theirs:.0f}" if theirs else "–"
    return [name, f"{speed:.0f}", f"{steepness:.2f}", shown, " ".join(filter(None, bad))]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocabs", type=Path, nargs="+", help="r50k_base.tiktoken, cl100k_base…")
    parser.add_argument("--text", action="append", choices=FAMILIES, help="only this one")
    parser.add_argument("--pattern", action="append", choices=NAMES, help="(default: all)")
    options = parser.parse_args()
    failed = False
    chosen = options.text or list(FAMILIES)
    for ranks in options.vocabs:
        vocab = Vocabulary(ranks, ranks.parent)
        peer = None
        if is_installed(sys.executable, "gigatoken"):
            one = ENCODERS["gigatoken"][2](vocab, 1).one
            peer = lambda text, one=one: one(text)  # noqa: E731
        tokenizer = Tokenizer.load(ranks, pattern=vocab.pattern)
        rows = [check(tokenizer, peer, name) for name in chosen]
        failed |= any(row[-1] for row in rows)
        print(f"{vocab.name}, 1 MB, one thread\n")
        bench.table(["text", "MB/s", "slope", "gigatoken", ""], rows)
        if LONGEST in chosen:
            size = 10 * SIZE
            speed = size / seconds(own_encode(tokenizer), FAMILIES[LONGEST], size) / 1e6
            failed |= speed < SLOWEST
            print(f"10 MB of {LONGEST}: {speed:.0f} MB/s\n")
        others = options.pattern or NAMES
        each = {name: own_encode(Tokenizer.load(ranks, pattern=name)) for name in others}
        rows = []
        for name in chosen:
            speeds = [
                SIZE / seconds(encode, FAMILIES[name], SIZE) / 1e6 for encode in each.values()
            ]
            failed |= min(speeds) < SLOWEST
            rows.append([name, *(f"{speed:.0f}" for speed in speeds)])
        print(f"{vocab.name}, MB/s with other patterns\n")
        bench.table(["text", *others], rows)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
