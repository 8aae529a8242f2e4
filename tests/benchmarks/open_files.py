"""Open every tokenizer file of a folder, and compare ids with the libraries that made them.

Prints a row for each file: what it is, whether it opens, and whether all ids of hostile text are
equal to those of tokenizers, tiktoken or sentencepiece. Exits 1 if any differ. Such files are other
people's, and none is in this repository.
"""

import argparse
import base64
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import bench  # noqa: F401, which finds the modules of the tests
import generators
import tiktoken
import tokenizers

from bpe_tool import BpeToolError, Tokenizer
from bpe_tool.vocab.kinds import kind_of

Ids = Callable[[Sequence[str]], list[list[int]]]

#: The patterns of tiktoken files, by the size of their vocabulary.
PATTERNS = {50256: "gpt2", 100256: "cl100k", 199998: "o200k", 128000: "llama3", 151643: "qwen2"}


def hostile(seed: int, size: int) -> list[str]:
    """About `size` bytes of generated text of every kind."""
    texts: list[str] = []
    total = 0
    for text in generators.texts(seed, 1 << 20):
        texts.append(text)
        total += len(text.encode())
        if total > size:
            break
    return texts


def of_tokenizers(path: Path, *, as_text: bool) -> Ids:
    peer = tokenizers.Tokenizer.from_file(str(path))
    peer.encode_special_tokens = as_text
    peer.no_truncation()
    peer.no_padding()
    return lambda texts: [row.ids for row in peer.encode_batch(texts, add_special_tokens=False)]


def of_tiktoken(ranks: dict[bytes, int], pattern: str, first: int = 0) -> Ids:
    peer = tiktoken.Encoding("peer", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    return lambda texts: [[id + first for id in peer.encode_ordinary(text)] for text in texts]


def peers(path: Path, kind: str, ours: Tokenizer) -> list[tuple[str, Ids, str]]:
    """Those to compare with: a name, what gives ids, and our policy on special tokens."""
    data = path.read_bytes() if kind != "gguf" else b""
    if kind == "tekken":
        file = json.loads(data)
        config = file["config"]
        first = config["default_num_special_tokens"]
        own = file["vocab"][: config["default_vocab_size"] - first]
        ranks = {base64.b64decode(token["token_bytes"]): token["rank"] for token in own}
        return [("tiktoken", of_tiktoken(ranks, config["pattern"], first), "text")]
    if kind == "json":
        return [
            ("tokenizers", of_tokenizers(path, as_text=True), "text"),
            ("tokenizers", of_tokenizers(path, as_text=False), "token"),
        ]
    if kind == "tiktoken":
        from reference import PATTERNS as REGEXES

        lines = (line.split() for line in data.splitlines() if line)
        ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
        (regex,) = REGEXES[ours.pattern]
        return [("tiktoken", of_tiktoken(ranks, regex), "text")]
    if kind == "sentencepiece":
        try:
            import sentencepiece
        except ImportError:
            return []
        peer = sentencepiece.SentencePieceProcessor(model_proto=data)
        # It ends a text at NUL.
        return [("sentencepiece", lambda texts: peer.encode(list(texts)), "text")]
    return []


def opened(path: Path, kind: str) -> Tokenizer:
    if kind != "tiktoken":
        return Tokenizer.load(path)
    count = sum(1 for line in path.read_bytes().splitlines() if line)
    return Tokenizer.load(path, pattern=PATTERNS.get(count, "cl100k"))


def row(path: Path, texts: Sequence[str]) -> tuple[str, str, str, int]:
    """The kind of a file, whether it opens, what it equals, and how many texts differ."""
    with path.open("rb") as file:
        kind = kind_of(file.read(4096))
    try:
        ours = opened(path, kind)
    except BpeToolError as error:
        return kind, "no", str(error).removeprefix(f"{path}: "), 0
    equal: list[str] = []
    unequal = 0
    for name, ids, special in peers(path, kind, ours):
        expected = ids(texts)
        found = ours.encode_batch(texts, special=special)  # type: ignore[arg-type]
        pairs = zip(found, expected, strict=True)
        wrong = [text for text, (one, other) in zip(texts, pairs, strict=True) if one != other]
        unequal += len(wrong)
        equal.append(f"{name} ({special}): " + (f"{len(wrong)} DIFFER" if wrong else "equal"))
        if wrong:
            equal.append(f"such as {min(wrong, key=len)!r:.80}")
    return kind, "yes", ", ".join(equal) or "no library to compare with", unequal


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files are")
    parser.add_argument("--kilobytes", type=int, default=450, help="of text for each file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = hostile(options.seed, options.kilobytes * 1000)
    warnings.simplefilter("ignore")
    unequal = 0
    print("| file | kind | opens | ids |\n|---|---|---|---|")
    for path in sorted(path for path in options.folder.rglob("*") if path.is_file()):
        if path.suffix in (".json", ".model", ".tiktoken", ".gguf") or ".model." in path.name:
            kind, opens, ids, wrong = row(path, texts)
            print(f"| {path.relative_to(options.folder)} | {kind} | {opens} | {ids} |", flush=True)
            unequal += wrong
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
