"""The other tokenizers that ours is compared with, built offline from local data."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import tiktoken
import tokenizers
from reference import PATTERNS, Pair, alphabet_order, merge_ranked, split_special
from tiktoken_ext import openai_public
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers


def byte_characters() -> dict[int, str]:
    """The character that GPT-2's vocabularies show for each byte."""
    order = alphabet_order("gpt2")
    return {byte: chr(byte if at < 188 else 256 + at - 188) for at, byte in enumerate(order)}


BYTE_TO_CHARACTER = byte_characters()
CHARACTER_TO_BYTE = {character: byte for byte, character in BYTE_TO_CHARACTER.items()}


def to_characters(token: bytes) -> str:
    """A token as `vocab.json` spells it."""
    return "".join(BYTE_TO_CHARACTER[byte] for byte in token)


def to_bytes(characters: str) -> bytes:
    """The inverse of `to_characters`."""
    return bytes(CHARACTER_TO_BYTE[character] for character in characters)


def hugging_face(model: models.Model, splits: Sequence[str]) -> tokenizers.Tokenizer:
    """A byte-level tokenizer of Hugging Face that splits by `splits`."""
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            *(pre_tokenizers.Split(Regex(regex), "isolated") for regex in splits),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def hugging_face_merges(
    documents: Iterable[str],
    vocab_size: int,
    splits: Sequence[str],
    special_tokens: Sequence[str] = (),
    min_frequency: int = 1,
) -> list[Pair]:
    """What Hugging Face's trainer learns from whole documents, split at special tokens."""
    tokenizer = hugging_face(models.BPE(), splits)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(special_tokens),
        min_frequency=min_frequency,
        initial_alphabet=list(BYTE_TO_CHARACTER.values()),
        show_progress=False,
    )
    specials = [text.encode() for text in special_tokens]

    def pieces() -> Iterator[str]:
        for document in documents:
            for piece, is_special in split_special(document.encode(), specials):
                if not is_special:
                    yield piece.decode()

    tokenizer.train_from_iterator(pieces() if specials else documents, trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(to_bytes(left), to_bytes(right)) for left, right in merges]


def hugging_face_from_files(
    vocab: Path, merges: Path, splits: Sequence[str]
) -> tokenizers.Tokenizer:
    """GPT-2 and its kin from `vocab.json` and `merges.txt`."""
    return hugging_face(models.BPE.from_file(str(vocab), str(merges)), splits)


def read_ranks(path: Path) -> dict[bytes, int]:
    """A `.tiktoken` file: one token and its rank in each line."""
    lines = path.read_bytes().splitlines()
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}


def encoding(
    ranks: Mapping[bytes, int], regex: str, special_tokens: Mapping[str, int] | None = None
) -> tiktoken.Encoding:
    """A tokenizer of tiktoken."""
    return tiktoken.Encoding(
        "test",
        pat_str=regex,
        mergeable_ranks=dict(ranks),
        special_tokens=dict(special_tokens or {}),
    )


def published_encoding(name: str, folder: Path) -> tiktoken.Encoding:
    """A published encoding (`cl100k_base`) exactly as tiktoken defines it, from a local file."""
    download = openai_public.load_tiktoken_bpe
    try:
        openai_public.load_tiktoken_bpe = lambda *_, **__: read_ranks(folder / f"{name}.tiktoken")
        return tiktoken.Encoding(**getattr(openai_public, name)())
    finally:
        openai_public.load_tiktoken_bpe = download


def hugging_face_from_ranks(ranks: Mapping[bytes, int], pattern: str) -> tokenizers.Tokenizer:
    """A `.tiktoken` vocabulary in Hugging Face's terms.

    The merge that makes a token joins the two parts that the tokens of lower rank leave of
    it. A token that they do not leave in two parts has no merge and is only looked up.
    """
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = merge_below(token, rank, ranks)
            if len(parts) == 2:
                merges.append((to_characters(parts[0]), to_characters(parts[1])))
    vocab = {to_characters(token): rank for token, rank in ranks.items()}
    return hugging_face(models.BPE(vocab, merges, ignore_merges=True), PATTERNS[pattern])


def merge_below(token: bytes, rank: int, ranks: Mapping[bytes, int]) -> list[bytes]:
    """What is left of a token by the merges of lower rank than its own."""
    below = {
        token[start:end]: ranks[token[start:end]]
        for start in range(len(token))
        for end in range(start + 1, len(token) + 1)
        if ranks.get(token[start:end], rank) < rank
    }
    return merge_ranked(token, below)
