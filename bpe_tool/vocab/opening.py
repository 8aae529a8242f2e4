"""Opens vocabularies: files of any kind, directories and names."""

from __future__ import annotations

import errno
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bpe_tool import _core, checks
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, BpeToolWarning, Suggestion, VocabError
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.vocab import kinds, names, published, reading
from bpe_tool.vocab.cut_files import Cut, find_cut
from bpe_tool.vocab.kinds import Kind
from bpe_tool.vocab.published import Encoding
from bpe_tool.vocab.reading import MERGES, TIKTOKEN
from bpe_tool.vocab.settings import NO_SETTINGS, Settings

TOKENIZER = "tokenizer.json"
VOCAB = "vocab.json"

#: The names of files of other kinds, in a directory without those of ours.
_FOREIGN = (
    "tekken.json", "tokenizer.model", "tiktoken.model", "spiece.model", "sentencepiece.bpe.model",
    "vocab.txt",
)  # fmt: skip


class Opened(NamedTuple):
    """A vocabulary, and what its directory says about it.

    Attributes:
        core: The vocabulary.
        settings: The settings of its directory; empty if it is a file.
    """

    core: _core.Tokenizer
    settings: Settings


def load(
    path: str | os.PathLike[str],
    pattern: str | None,
    special_tokens: Mapping[str, int] | Iterable[str],
    on_read: Callable[[bytes], object] | None = None,
) -> _core.Tokenizer:
    """Load any vocabulary file; see `Tokenizer.load`.

    `on_read` is called with the content of each file.
    """
    return open_vocab(path, pattern, special_tokens, on_read).core


def open_vocab(
    path: str | os.PathLike[str],
    pattern: str | None,
    special_tokens: Mapping[str, int] | Iterable[str],
    on_read: Callable[[bytes], object] | None = None,
    *,
    called: str | None = None,
) -> Opened:
    """Load any vocabulary file with its settings; see `load`.

    `called` is what errors and warnings call it instead of its path.
    """
    if pattern is not None:
        checks.plain("pattern", pattern)
    path, own_specials = names.locate(checks.path("path", path))
    refuse_temporary(path, VocabError)
    settings = NO_SETTINGS
    if path.is_dir():
        settings = Settings.of(path)
        path = _main_file(path)
    given = _Given(pattern, _with_ids(special_tokens), own_specials, settings)
    try:
        core, cut = _load(path, given, on_read)
        core = settings.completed(core)
    except VocabError as error:
        raise error.at(called or str(path)) from None
    _warn_of_missing(core, called or str(path), cut)
    _warn_of_rows(core, called or str(path))
    return Opened(core, settings)


class _Given(NamedTuple):
    """What is known about a vocabulary besides its files.

    Attributes:
        pattern: The pattern that was passed.
        specials: The special tokens that were passed.
        own: The special tokens that the name of the vocabulary means.
        settings: The settings of its directory.
    """

    pattern: str | None
    specials: list[tuple[str, int | None]]
    own: Mapping[str, int] | None
    settings: Settings

    def of(self, path: Path, encoding: Encoding | None) -> tuple[str, list[tuple[str, int | None]]]:
        """Return the pattern and the special tokens of a file that does not hold them.

        A pattern that was passed counts. Special tokens that were passed come on top of those
        that the vocabulary has: one takes the place of another with the same text or id.

        Args:
            path: The file.
            encoding: The published vocabulary that it is, if it is one.
        """
        pattern = self.pattern
        own: Mapping[str, int] = self.settings.special_tokens
        if encoding is not None:
            pattern = encoding.pattern if pattern is None else pattern
            own = own or self.own or encoding.special_tokens
        if pattern is None:
            raise ArgumentError(
                f"{path} does not say how text is split",
                hint=Suggestion(
                    f"pass {{pattern}}: one of {', '.join(_core.PATTERNS)}, or a regex"
                ),
            )
        passed = [(text, own.get(text) if id is None else id) for text, id in self.specials]
        texts, ids = ({each[part] for each in passed} for part in (0, 1))
        kept = [(text, id) for text, id in own.items() if text not in texts and id not in ids]
        return pattern, [*kept, *passed]


def from_tokenizer_json(data: bytes) -> _core.Tokenizer:
    """Read a tokenizer.json; if it is something else, the error says what."""
    try:
        return _core.Tokenizer.from_tokenizer_json(data)
    except VocabError as error:
        raise kinds.explained(data, error) from None


def from_sentencepiece(data: bytes) -> _core.Tokenizer:
    """Read a SentencePiece model of the kind BPE; others are refused by name."""
    refusal = kinds.sentence_piece(data)
    if refusal is not None:
        raise refusal.error()
    return _core.Tokenizer.from_sentencepiece(data)


#: What reads each kind of file that holds its own pattern and special tokens.
READERS: Mapping[Kind, Callable[[bytes], _core.Tokenizer]] = {
    "json": from_tokenizer_json,
    "tekken": _core.Tokenizer.from_tokenizer_json,
    "sentencepiece": from_sentencepiece,
    "gguf": _core.Tokenizer.from_gguf,
}


def _load(
    path: Path, given: _Given, on_read: Callable[[bytes], object] | None
) -> tuple[_core.Tokenizer, Cut | None]:
    """Read a file; also return what is missing of it if it is a published one."""
    paths = _pair(path) or (path,)
    if len(paths) == 1 and (given.pattern is not None or given.specials):
        kind = reading.kind_at(path)
        # Which kind of model it is, its end tells.
        if kind != "sentencepiece":
            _refuse_own_pattern(path, kind)
    contents = reading.read(paths)
    for content in contents:
        if on_read is not None:
            on_read(content.data)
    data, kind = contents[0]
    if len(paths) == 2:
        merges = contents[1].data
        regex, specials = given.of(path, _gpt2(data, merges))
        return _core.Tokenizer.from_vocab_and_merges(data, merges, regex, specials), None
    if kind == "tiktoken":
        regex, specials = given.of(path, published.by_content(data))
        return _core.Tokenizer.from_tiktoken(data, regex, specials), find_cut(data)
    reader = READERS.get(kind or "json")
    if reader is None:
        assert kind is not None
        raise kinds.without_reader(kind).error()
    core = reader(data)
    if given.pattern is not None or given.specials:
        _refuse_own_pattern(path, kind)
    return core, None


def _refuse_own_pattern(path: Path, kind: Kind | None) -> None:
    if kind in READERS:
        raise ArgumentError(
            f"{path} carries its own pattern and special tokens",
            hint=Suggestion("leave {pattern} and {special_tokens} out"),
        )


def _gpt2(vocab: bytes, merges: bytes) -> Encoding | None:
    """Return GPT-2's vocabulary, or its pattern alone, if the merges are GPT-2's."""
    if published.digest(merges) != published.GPT2_MERGES:
        return None
    gpt2 = published.ENCODINGS["gpt2"]
    is_gpt2 = re.search(rb'"<\|endoftext\|>"\s*:\s*50256\b', vocab)
    return gpt2 if is_gpt2 else replace(gpt2, first=())


def _warn_of_missing(core: _core.Tokenizer, called: str, cut: Cut | None) -> None:
    """Warn if part of the file seems to be missing: ids would silently differ."""
    if cut is None and core.missing is None:
        return
    kind, count, id = core.missing or ("", 0, 0)
    if cut is not None:
        what = f"it begins as {cut.name} does, but has {cut.found} of its {cut.tokens} tokens"
    elif kind == "merges":
        what = (
            f"no merge makes {count} of its tokens, such as {core.id_to_token(id)!r} (id {id}), "
            "so text becomes other ids than those"
        )
    else:
        what = f"{count} ids below the largest have no token, the first of them {id}"
    warnings.warn(
        f"{called}: {what}; the file may be cut off or incomplete: compare it with its source",
        BpeToolWarning,
        stacklevel=4,
    )


def lacks_pattern(path: str | os.PathLike[str]) -> bool:
    """Return whether a vocabulary file needs a pattern: it neither holds one nor is published."""
    path = names.locate(checks.path("path", path)).path
    if path.is_dir():
        path = _main_file(path)
    pair = _pair(path)
    if pair is not None:
        vocab, merges = (content.data for content in reading.read(pair))
        return _gpt2(vocab, merges) is None
    if not path.is_file():
        return path.suffix == TIKTOKEN
    if reading.kind_at(path) != "tiktoken":
        return False
    return published.by_content(reading.read([path])[0].data) is None


def _main_file(directory: Path) -> Path:
    """Return the file of a directory that holds the vocabulary."""
    names = [TOKENIZER, VOCAB, *_FOREIGN]
    found = [directory / name for name in names if (directory / name).is_file()]
    if not found:
        # Some models have a name of their own for it.
        found = sorted(directory.glob(f"*{TIKTOKEN}"))[:2]
        if len(found) > 1:
            raise ArgumentError(
                f"{directory} holds several vocabularies, {found[0].name} and {found[1].name}",
                hint="pass the path of one of them",
            )
    if not found:
        raise FileNotFoundError(
            errno.ENOENT, "no tokenizer.json or vocab.json in directory", str(directory)
        )
    return found[0]


def _pair(path: Path) -> tuple[Path, Path] | None:
    """Return both files of GPT-2's format if `path` is one of them and the other one exists."""
    for name in (VOCAB, MERGES):
        if path.name.endswith(name):
            prefix = path.name.removesuffix(name)
            vocab, merges = path.with_name(prefix + VOCAB), path.with_name(prefix + MERGES)
            # Without merges.txt, such a file is a tokenizer.json under another name.
            return (vocab, merges) if name == MERGES or merges.is_file() else None
    return None


def _with_ids(special_tokens: Mapping[str, int] | Iterable[str]) -> list[tuple[str, int | None]]:
    if not isinstance(special_tokens, Mapping):
        texts = checks.strings("special_tokens", special_tokens)
        return [(checks.plain("special_tokens", text), None) for text in texts]
    return [
        (checks.plain("special_tokens", text), checks.whole("special_tokens", id, 0, MAX_ID))
        for text, id in special_tokens.items()
    ]


def _warn_of_rows(core: _core.Tokenizer, called: str) -> None:
    """Say that what the file says about rows is not applied."""
    if core.not_applied:
        warnings.warn(
            f"{called}: its saved {' and '.join(core.not_applied)} is kept but not applied: "
            "records are encoded whole, and `batch` and `pad` make rows",
            BpeToolWarning,
            stacklevel=4,
        )
