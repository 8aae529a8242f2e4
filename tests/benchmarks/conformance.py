"""Compare ids with tiktoken's and Hugging Face's on whole corpora. Exits 1 on a difference.

Every document of every file, and then the whole file as one single text, is encoded with
the published vocabularies r50k, cl100k and o200k by tiktoken and by us, and GPT-2's by
Hugging Face and by us; then generated strings of every kind.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import bench
import generators
import numpy as np
from peers import hugging_face_from_files, published_encoding
from reference import PATTERNS

from bpe_tool import Tokenizer, _core

ENCODINGS = {"r50k_base": "gpt2", "cl100k_base": "cl100k", "o200k_base": "o200k"}
GPT2 = "gpt2 (Hugging Face)"
GENERATED = "generated strings"


class Pair:
    """One vocabulary in both implementations."""

    def __init__(self, name: str, vocabs: Path) -> None:
        if name == GPT2:
            vocab, merges = vocabs / "gpt2_vocab.json", vocabs / "gpt2_merges.txt"
            peer = hugging_face_from_files(vocab, merges, PATTERNS["gpt2"])
            ours = _core.Tokenizer.from_vocab_and_merges(
                vocab.read_bytes(), merges.read_bytes(), "gpt2", []
            )
            self.ours = lambda texts: ours.encode_batch(texts, "text", False, 1)
            self.theirs = lambda texts: [row.ids for row in peer.encode_batch(texts)]
            self.equal = lambda text: self.ours([text]) == self.theirs([text])
            self.tokens = [ours.id_to_token(id) for id in range(0, 50_000, 3)]
        else:
            encoding = published_encoding(name, vocabs)
            tokenizer = Tokenizer.load(vocabs / f"{name}.tiktoken", pattern=ENCODINGS[name])
            self.ours = lambda texts: tokenizer.encode_batch(texts, threads=1)
            self.theirs = lambda texts: encoding.encode_ordinary_batch(texts, num_threads=1)
            self.equal = lambda text: np.array_equal(
                tokenizer.encode_arrays([text], threads=1).ids,
                encoding.encode_to_numpy(text, disallowed_special=()),
            )
            self.tokens = [tokenizer.id_to_bytes(id) for id in range(0, len(tokenizer), 3)]


@cache
def pair(name: str, vocabs: Path) -> Pair:
    return Pair(name, vocabs)


def generated(tokens: Sequence[bytes], count: int) -> Iterator[str]:
    yield from generators.texts(7, count * 3 // 4)
    yield from generators.texts_from_tokens(8, count - count * 3 // 4, tokens)


def compare(name: str, vocabs: Path, source: Path | None, limit: int, strings: int) -> dict:
    """Compare one vocabulary on one source; `None` stands for the generated strings."""
    both = pair(name, vocabs)
    if source is None:
        texts = list(generated(both.tokens, strings))
    else:
        texts = bench.read_documents(source, limit)
    start = time.perf_counter()
    tokens, differ = 0, []
    whole = "".join(texts)
    if not both.equal(whole):
        differ.append(f"all of {source} as one text")
    for at in range(0, len(texts), 256):
        batch = texts[at : at + 256]
        for text, ours, theirs in zip(batch, both.ours(batch), both.theirs(batch), strict=True):
            tokens += len(theirs)
            if ours != theirs:
                differ.append(text[:200])
    return {
        "name": name,
        "source": source.name if source else GENERATED,
        "texts": len(texts),
        "megabytes": bench.megabytes(texts),
        "tokens": tokens,
        "differ": differ,
        "seconds": time.perf_counter() - start,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vocabs", type=Path, help="folder with the published vocabularies")
    parser.add_argument("corpora", type=Path, help="folder with the corpora (*.txt)")
    parser.add_argument("--limit-mb", type=int, default=10**6, help="of each file (default: all)")
    parser.add_argument(
        "--hugging-face-mb",
        type=int,
        default=20,
        help="the same for Hugging Face, which is slow (default: 20)",
    )
    parser.add_argument(
        "--strings", type=int, default=100_000, help="generated strings (default: 100000)"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()

    sources: list[Path | None] = [*sorted(options.corpora.glob("*.txt")), None]
    if len(sources) == 1:
        parser.error(f"no *.txt in {options.corpora}")
    tasks = [
        (name, options.vocabs, source, limit * 10**6, options.strings)
        for name, limit in [
            *((name, options.limit_mb) for name in ENCODINGS),
            (GPT2, min(options.limit_mb, options.hugging_face_mb)),
        ]
        for source in sources
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        results = list(pool.map(compare, *zip(*tasks, strict=True)))
    bench.table(
        ["vocabulary", "source", "texts", "MB", "tokens", "texts that differ", "seconds"],
        [
            [
                r["name"],
                r["source"],
                r["texts"],
                f"{r['megabytes']:.1f}",
                r["tokens"],
                len(r["differ"]),
                f"{r['seconds']:.0f}",
            ]
            for r in results
        ],
    )
    for result in results:
        for text in result["differ"][:3]:
            print(f"{result['name']}, {result['source']}: {text!r}")
    return int(any(result["differ"] for result in results))


if __name__ == "__main__":
    sys.exit(main())
