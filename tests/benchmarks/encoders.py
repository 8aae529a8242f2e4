"""The tokenizers that race at encoding: how each loads one of the three vocabularies, and encodes.

Only the module of the tokenizer that is asked for is imported, so that each may be installed in
an environment of its own, without this package.
"""

import os
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

Rows = list[Sequence[int]]

#: The pattern of each vocabulary.
PATTERNS = {"r50k_base": "gpt2", "cl100k_base": "cl100k", "o200k_base": "o200k"}


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """What is timed, and what turns the results into ids afterwards."""

    #: Many texts in one call.
    batch: Callable[[list[str]], Any]
    #: What `batch` returns, as one sequence of ids a text.
    rows: Callable[[Any], Rows]
    #: One text.
    one: Callable[[str], Any]
    #: What `one` returns, as ids.
    ids: Callable[[Any], Sequence[int]] = lambda result: result
    #: All ids of a file, which is one text, if there is a call for files.
    file: Callable[[Path], Any] | None = None


class Unfit(Exception):
    """The tokenizer does not have this vocabulary."""


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary as files in one folder: of ranks, and `tokenizer.json` files of the same ids."""

    ranks: Path
    folder: Path

    @property
    def json(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def common_json(self) -> Path:
        """One with the pattern that other such files have, for those who know no other.

        It differs where a text ends with white space.
        """
        return self.folder / f"{self.name}-common.json"

    def write(self) -> None:
        """Write the files that are made of the ranks."""
        from bpe_tool import Tokenizer

        Tokenizer.load(self.ranks, pattern=self.pattern).save(self.json)
        common = {"cl100k": "llama3"}.get(self.pattern, self.pattern)
        Tokenizer.load(self.ranks, pattern=common).save(self.common_json)

    @property
    def name(self) -> str:
        return self.ranks.stem

    @property
    def pattern(self) -> str:
        return PATTERNS[self.name]


def flat(width: int) -> Callable[[Any], Rows]:
    """Rows of `(ids, offsets)`, buffers of 32-bit ids and of offsets of `width` bytes."""

    def rows(result: Any) -> Rows:
        ids = memoryview(result[0]).cast("B").cast("I")
        bounds = memoryview(result[1]).cast("B").cast({4: "I", 8: "Q"}[width])
        return [ids[start:end] for start, end in pairwise(bounds)]

    return rows


def bpe_tool(vocab: Vocabulary, threads: int) -> Encoder:
    from bpe_tool import Tokenizer

    tokenizer = Tokenizer.load(vocab.ranks, pattern=vocab.pattern)
    return Encoder(
        batch=lambda texts: tokenizer.encode_arrays(texts, threads=threads),
        rows=lambda ragged: flat(8)((ragged.ids, ragged.bounds)),
        one=tokenizer.encode,
        file=lambda path: tokenizer.encode_files([path], threads=threads).ids,
    )


def bpe_tool_lists(vocab: Vocabulary, threads: int) -> Encoder:
    from bpe_tool import Tokenizer

    tokenizer = Tokenizer.load(vocab.ranks, pattern=vocab.pattern)
    return Encoder(
        batch=lambda texts: tokenizer.encode_batch(texts, threads=threads),
        rows=lambda rows: rows,
        one=tokenizer.encode,
    )


def tiktoken(vocab: Vocabulary, threads: int) -> Encoder:
    import tiktoken
    import tiktoken.load

    pattern = tiktoken_pattern(vocab.name)
    ranks = tiktoken.load.load_tiktoken_bpe(str(vocab.ranks))
    encoding = tiktoken.Encoding(
        vocab.name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={}
    )
    # Its batches always start threads; a plain loop is faster on one core.
    alone = lambda texts: [encoding.encode_ordinary(text) for text in texts]  # noqa: E731
    together = lambda texts: encoding.encode_ordinary_batch(texts, num_threads=threads)  # noqa: E731
    return Encoder(
        batch=alone if threads == 1 else together,
        rows=lambda rows: rows,
        one=encoding.encode_ordinary,
    )


def tiktoken_pattern(name: str) -> str:
    """The pattern in tiktoken's own table, without its download of the ranks."""
    from unittest import mock

    import tiktoken_ext.openai_public as public

    with (
        mock.patch.object(public, "load_tiktoken_bpe", return_value={}),
        mock.patch.object(public, "data_gym_to_mergeable_bpe_ranks", return_value={}),
    ):
        return getattr(public, name)()["pat_str"]


def tokenizers(vocab: Vocabulary, threads: int) -> Encoder:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(vocab.json))
        tokenizer.encode("a word")
    except Exception:
        tokenizer = Tokenizer.from_file(str(vocab.common_json))
    batch = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
    return Encoder(
        batch=lambda texts: batch(texts, add_special_tokens=False),
        rows=lambda rows: [row.ids for row in rows],
        one=lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
    )


def gigatoken(vocab: Vocabulary, threads: int) -> Encoder:
    from gigatoken import TextFileSource, Tokenizer

    tokenizer = Tokenizer.from_tiktoken(vocab.ranks, vocab.pattern, special_tokens={})
    return Encoder(
        batch=lambda texts: tokenizer.encode_batch(texts, parallel=threads > 1),
        rows=lambda rows: rows.tolist(),
        one=tokenizer.encode,
        file=lambda path: _joined(
            tokenizer.encode_files(TextFileSource([path]), parallel=threads > 1)
        ),
    )


def _joined(rows: Any) -> Any:
    import awkward

    return awkward.to_numpy(awkward.flatten(rows))


def fastokens(vocab: Vocabulary, threads: int) -> Encoder:
    from fastokens import Tokenizer

    tokenizer = Tokenizer.from_file(str(vocab.json))
    return Encoder(
        batch=tokenizer.encode_batch_flat,
        rows=flat(8),
        one=lambda text: tokenizer.encode_ordinary(text).ids,
    )


def tokie(vocab: Vocabulary, threads: int) -> Encoder:
    from tokie import Tokenizer

    tokenizer = Tokenizer.from_json(str(vocab.json))

    def rows(result: Any) -> Rows:
        bounds = [0]
        for length in result[1].tolist():
            bounds.append(bounds[-1] + length)
        return flat(8)((result[0], array("Q", bounds)))

    return Encoder(
        batch=lambda texts: tokenizer.encode_batch_flat(texts, add_special_tokens=False),
        rows=rows,
        one=lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
        # No text has this separator.
        file=lambda path: tokenizer.encode_files([str(path)], b"\0\0\0\0")[0],
    )


def wordchipper(vocab: Vocabulary, threads: int) -> Encoder:
    # It reads published vocabularies from a cache only.
    folder = vocab.folder / "wordchipper"
    place = folder / "openai" / vocab.name
    place.mkdir(parents=True, exist_ok=True)
    (place / vocab.ranks.name).write_bytes(vocab.ranks.read_bytes())
    os.environ["WORDCHIPPER_CACHE_DIR"] = str(folder)
    from wordchipper import SpecialFilter, Tokenizer, TokenizerOptions

    options = TokenizerOptions.default()
    options.set_parallel(threads > 1)
    options.set_accelerated_lexers(True)
    tokenizer = Tokenizer.from_pretrained(vocab.name, options)
    nothing = SpecialFilter.include_none()
    return Encoder(
        batch=lambda texts: tokenizer.encode_batch(texts, nothing),
        rows=lambda rows: rows,
        one=lambda text: tokenizer.encode(text, nothing),
    )


def toktok(vocab: Vocabulary, threads: int) -> Encoder:
    from toktok import _BUILTIN, _encoding

    if vocab.name not in _BUILTIN:
        raise Unfit
    # What it makes public only counts.
    tokenizer = _encoding(vocab.name)
    return Encoder(
        batch=lambda texts: tokenizer.encode_batch_to_numpy(texts, threads),
        rows=flat(8),
        one=tokenizer.encode_ordinary,
    )


def quicktok(vocab: Vocabulary, threads: int) -> Encoder:
    from quicktok import get_encoding

    try:
        tokenizer = get_encoding(vocab.name)
    except Exception as error:
        raise Unfit from error
    return Encoder(
        batch=lambda texts: tokenizer.encode_batch(texts, threads),
        rows=flat(8),
        one=tokenizer.encode_ordinary,
    )


def splintr(vocab: Vocabulary, threads: int) -> Encoder:
    import splintr

    pattern = {
        "r50k_base": splintr.GPT2_PATTERN,
        "cl100k_base": splintr.CL100K_BASE_PATTERN,
        "o200k_base": splintr.O200K_BASE_PATTERN,
    }[vocab.name]
    tokenizer = splintr.Tokenizer(str(vocab.ranks), pattern)
    return Encoder(batch=tokenizer.encode_batch_flat, rows=flat(8), one=tokenizer.encode_ordinary)


def bpe_qwen(vocab: Vocabulary, threads: int) -> Encoder:
    # Its pattern is Qwen's, which none of these vocabularies has.
    raise Unfit


#: By name: the module, its name on PyPI, and what loads it.
ENCODERS: dict[str, tuple[str, str, Callable[[Vocabulary, int], Encoder]]] = {
    "bpe_tool": ("bpe_tool", "bpe-tool", bpe_tool),
    "bpe_tool (lists)": ("bpe_tool", "bpe-tool", bpe_tool_lists),
    "tiktoken": ("tiktoken", "tiktoken", tiktoken),
    "tokenizers": ("tokenizers", "tokenizers", tokenizers),
    "gigatoken": ("gigatoken", "gigatoken", gigatoken),
    "fastokens": ("fastokens", "fastokens", fastokens),
    "tokie": ("tokie", "tokie", tokie),
    "wordchipper": ("wordchipper", "wordchipper", wordchipper),
    "toktok": ("toktok", "toktok-rs", toktok),
    "quicktok": ("quicktok", "quicktok-v1", quicktok),
    "splintr": ("splintr", "splintr-rs", splintr),
    "bpe-qwen": ("bpe_qwen", "bpe-qwen", bpe_qwen),
}


def is_installed(python: str, module: str) -> bool:
    """Whether an interpreter finds a module."""
    import subprocess
    from importlib.util import find_spec

    if python == sys.executable:
        return find_spec(module) is not None
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code]).returncode == 0
