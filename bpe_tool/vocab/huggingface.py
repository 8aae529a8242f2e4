"""Tokenizers of `tokenizers` and `transformers` that are in memory: taken over, and made."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, VocabError
from bpe_tool.vocab import files as vocab_files
from bpe_tool.vocab.opening import Opened, from_tokenizer_json, open_vocab
from bpe_tool.vocab.settings import NO_SETTINGS, Settings

if TYPE_CHECKING:
    import tokenizers

Library: TypeAlias = Literal["tokenizers", "transformers"]


def taken_over(tokenizer: object) -> Opened:
    """Return the vocabulary of an object; see `Tokenizer.from_huggingface`."""
    backend: Any = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if not callable(getattr(backend, "to_str", None)):
        wanted = "a Tokenizer of tokenizers, or a fast tokenizer of transformers"
        raise checks.wrong_type("tokenizer", tokenizer, wanted)
    called = type(tokenizer).__name__
    if callable(getattr(tokenizer, "save_pretrained", None)):
        if name := getattr(tokenizer, "name_or_path", None):
            called = f"{called} {name}"
        with tempfile.TemporaryDirectory() as directory:
            tokenizer.save_pretrained(directory)  # type: ignore[attr-defined]
            return open_vocab(Path(directory), None, (), called=called)
    try:
        return Opened(from_tokenizer_json(backend.to_str().encode()), NO_SETTINGS)
    except VocabError as error:
        raise error.at(called) from None


def made(core: _core.Tokenizer, settings: Settings, library: Library) -> Any:  # noqa: ANN401
    """Return an object with a vocabulary; see `Tokenizer.to_huggingface`."""
    checks.choice("library", library, ("tokenizers", "transformers"))
    try:
        if library == "tokenizers":
            return _bare(core)
        from transformers import PreTrainedTokenizerFast
    except ImportError:
        raise ArgumentError(
            f"needs the package {library}, which is not installed",
            parameter="library",
            hint=f"pip install {library}",
        ) from None
    with tempfile.TemporaryDirectory() as directory:
        vocab_files.save(core, directory, {}, settings)
        return PreTrainedTokenizerFast.from_pretrained(directory)


def _bare(core: _core.Tokenizer) -> tokenizers.Tokenizer:
    import tokenizers

    return tokenizers.Tokenizer.from_str(core.to_tokenizer_json().decode())
