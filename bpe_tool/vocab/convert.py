"""Converts vocabularies between formats, and checks that they give the same ids."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bpe_tool import _core, checks
from bpe_tool.errors import VocabError
from bpe_tool.vocab import files as vocab_files
from bpe_tool.vocab import published

#: The entry of the settings with the chat template.

#: The number of texts of random tokens in the probe, and the number of tokens in each.
RANDOM_TEXTS = 2000
RANDOM_TOKENS = 40

#: Texts in the probe with what patterns treat specially.
SAMPLES = (
    "It's 1,234.56 o'clock; WE'LL see: don’t\r\n\r\n\tindent  \n  ",
    "naïve Ünïcödé Привет мир مرحبا नमस्ते สวัสดี 안녕 你好，世界。 e\u0301 \u00a0\u3000\u2028",
    "👩‍👩‍👧‍👦🏳️‍🌈 x²+½=Ⅳ https://example.org/a?b=c#d <|x|> /* code */ {}[]();",
)


@dataclass(frozen=True)
class Conversion:
    """The result of a conversion.

    Attributes:
        path: Where the vocabulary was written.
        tokens: The number of tokens.
        probes: The number of texts that both vocabularies encoded to the same ids.
        lost: What the format cannot hold, one entry each.
        pattern: The pattern to pass when the result is loaded; `None` if the file holds it, or is
            a published one.
        special_tokens: The special tokens to pass, with their ids; empty in these cases.
    """

    path: Path
    tokens: int
    probes: int
    lost: tuple[str, ...]
    pattern: str | None
    special_tokens: Mapping[str, int]


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    pattern: str | None = None,
    special_tokens: Mapping[str, int] | Iterable[str] = (),
) -> Conversion:
    """Write a vocabulary in another format.

    Before anything is written, the converted vocabulary is read back. Both vocabularies then
    encode a probe: every token alone and after a space, tokens in random order, and texts that
    patterns treat specially.

    Args:
        source: A vocabulary; see `Tokenizer.load`.
        target: Where to write it. The name decides the format; see `Tokenizer.save`.
        pattern: See `Tokenizer.load`.
        special_tokens: See `Tokenizer.load`.

    Returns:
        What was written, and what the format cannot hold.

    Raises:
        VocabError: The source is damaged, or the format would give other ids.
        ArgumentError: See `Tokenizer.load`.
        LimitError: See `Tokenizer.load`.
        OSError: A file cannot be read or written.
    """
    source, target = checks.path("source", source), checks.path("target", target)
    core, settings = vocab_files.open_vocab(source, pattern, special_tokens)
    roles = settings.roles(core.special_tokens)
    carries, again = _read_back(core, target)
    probe = _probe(core)
    for special in ("text", "token"):
        if core.encode_arrays(probe, special, False, 0) != again.encode_arrays(
            probe, special, False, 0
        ):
            raise VocabError(f"{target}: a file of this format would give other ids")
    lost: list[str] = []
    if not carries:
        lost.append("how text is split")
        if core.special_tokens:
            lost.append("which tokens are special")
        if any(core.template):
            lost.append("the template")
    if not vocab_files.means_directory(target):
        if roles:
            lost.append(f"which special token is {', '.join(roles)} (a directory holds it)")
        if settings.has_chat_template:
            lost.append("the chat template (a directory holds it)")
    if source.is_dir() and (source / vocab_files.TRAINING).is_file():
        lost.append(f"how it was trained ({vocab_files.TRAINING})")
    vocab_files.save(core, target, {}, settings)
    return Conversion(
        path=target,
        tokens=len(core),
        probes=len(probe),
        lost=tuple(lost),
        pattern=None if carries else core.pattern,
        special_tokens={} if carries else core.special_tokens,
    )


def _read_back(core: _core.Tokenizer, target: Path) -> tuple[bool, _core.Tokenizer]:
    """Return whether the target tells the pattern, and the vocabulary read back."""
    specials = list(core.special_tokens.items())
    target_format = vocab_files.target_format(target)
    if target_format == "merges":
        vocab, merges = core.to_vocab_and_merges()
        return False, _core.Tokenizer.from_vocab_and_merges(vocab, merges, core.pattern, specials)
    if target_format == "tiktoken":
        data = core.to_tiktoken()
        known = published.by_content(data)
        is_known = (
            known is not None
            and known.pattern == core.pattern
            and known.special_tokens == core.special_tokens
            and not any(core.template)
        )
        return is_known, _core.Tokenizer.from_tiktoken(data, core.pattern, specials)
    return True, _core.Tokenizer.from_tokenizer_json(core.to_tokenizer_json())


def _probe(core: _core.Tokenizer) -> list[bytes]:
    """Return the texts of the probe. Every token occurs in them."""
    tokens = vocab_files.tokens(core)
    texts = [sample.encode() for sample in SAMPLES] + list(tokens.values())
    texts += [b" " + token for token in tokens.values()]
    draw = random.Random(0)
    ordered = list(tokens.values())
    texts += [b"".join(draw.choices(ordered, k=RANDOM_TOKENS)) for _ in range(RANDOM_TEXTS)]
    return texts
