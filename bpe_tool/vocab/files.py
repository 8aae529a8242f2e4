"""Loads and saves vocabulary files.

What is read is told by its content, see `kinds`; how a vocabulary is saved, by the name of a path.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, BpeToolWarning, Suggestion
from bpe_tool.io.atomic import make_directory
from bpe_tool.io.together import write_files
from bpe_tool.vocab.opening import TOKENIZER, VOCAB, Opened, lacks_pattern, load, open_vocab
from bpe_tool.vocab.reading import MERGES, TIKTOKEN
from bpe_tool.vocab.settings import CONFIG, NO_SETTINGS, ROLES, Settings, settings_files

__all__ = ["CONFIG", "TOKENIZER", "Opened", "Settings", "lacks_pattern", "load", "open_vocab"]

TRAINING = "training.json"

#: An array with the old id of each id, beside a vocabulary that was made from another one.
OLD_IDS = "old_ids.npy"

#: The value of the field `format` in `training.json`.
TRAINING_FORMAT = "bpe_tool training record"

#: The characters that represent bytes in the files of GPT-2 and similar vocabularies.
BYTE_CHARACTERS = frozenset(map(chr, (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x144))))


class Contents(NamedTuple):
    """What saving a vocabulary writes: its files, and what belongs to an old one."""

    files: dict[Path, bytes]
    remove: Collection[Path] = ()


def save(
    core: _core.Tokenizer,
    path: str | os.PathLike[str],
    roles: Mapping[str, str],
    settings: Settings = NO_SETTINGS,
) -> None:
    """Write a vocabulary, and its settings if that is a directory; see `Tokenizer.save`."""
    write_all([contents(core, Path(path), roles, settings)])


def contents(
    core: _core.Tokenizer,
    path: Path,
    roles: Mapping[str, str],
    settings: Settings = NO_SETTINGS,
) -> Contents:
    """Return what saving a vocabulary writes; a directory for it is made."""
    check_roles(roles, core.special_tokens)
    match target_format(path):
        case "directory":
            return directory(core.to_tokenizer_json(), path, roles, None, settings)
        case "merges":
            vocab, merges = core.to_vocab_and_merges()
            # Without merges.txt, vocab.json is not read as a vocabulary.
            vocab_path = path.with_name(path.name.removesuffix(MERGES) + VOCAB)
            return Contents({vocab_path: vocab, path: merges})
        case "tiktoken":
            return Contents({path: core.to_tiktoken()})
        case "json":
            return Contents({path: core.to_tokenizer_json()})


def write_all(
    vocabularies: Iterable[Contents], others: Mapping[Path, bytes] = MappingProxyType({})
) -> None:
    """Write vocabularies, and files that come last, as one change; see `bpe_tool.io.together`."""
    files: dict[Path, bytes] = {}
    remove: set[Path] = set()
    for each in vocabularies:
        files |= each.files
        remove.update(each.remove)
    files |= others
    write_files(files, remove=remove - files.keys())


def tokens(core: _core.Tokenizer) -> dict[int, bytes]:
    """Return the bytes of every id that has any, in order of id; special tokens' are their text."""
    ids, joined, bounds = core.tokens()
    ends = memoryview(bounds).cast("q")
    tokens = map(bytes(joined).__getitem__, map(slice, ends, ends[1:]))
    return dict(zip(memoryview(ids).cast("I"), tokens, strict=True))


def check_roles(roles: Mapping[str, str], special_tokens: Iterable[str]) -> None:
    """Refuse roles that do not exist, or whose token is not a special token."""
    checks.instance("roles", roles, Mapping, "a mapping of roles to special tokens")
    for role, text in roles.items():
        if role not in ROLES:
            raise ArgumentError(f"roles: {role!r} is none of {', '.join(ROLES)}")
        if checks.string(f"roles[{role!r}]", text) not in special_tokens:
            raise ArgumentError(f"roles: {text!r} is not a special token of this vocabulary")


def warn_of_special_tokens(special_tokens: Iterable[str]) -> None:
    """Warn about special tokens that Hugging Face's libraries decode to another text.

    Their byte-level decoder reads every token as bytes whose characters all represent bytes.
    """
    for text in special_tokens:
        if not text.isascii() and BYTE_CHARACTERS.issuperset(text):
            warnings.warn(
                f"tokenizers and transformers will decode the special token {text!r} as another "
                "text, though all ids are right; a text in ASCII is safe",
                BpeToolWarning,
                stacklevel=4,
            )


def target_format(path: Path) -> Literal["directory", "merges", "tiktoken", "json"]:
    """Return the format in which a vocabulary is saved to `path`: its name decides."""
    if path.name.endswith(MERGES):
        return "merges"
    if path.suffix == TIKTOKEN:
        return "tiktoken"
    return "json" if path.suffix == ".json" else "directory"


def means_directory(path: Path) -> bool:
    """Return whether saving to `path` makes a directory."""
    return target_format(path) == "directory"


def directory(
    tokenizer_json: bytes,
    path: Path,
    roles: Mapping[str, str],
    training: bytes | None,
    settings: Settings,
) -> Contents:
    """Make a vocabulary directory, and return what belongs there."""
    make_directory(path)
    files = {path / TOKENIZER: tokenizer_json}
    for name, content in settings.with_roles(roles).files().items():
        if "/" in name:
            make_directory((path / name).parent)
        files[path / name] = content.encode() if isinstance(content, str) else to_json(content)
    if training is not None:
        files[path / TRAINING] = training
    # What else describes the old vocabulary goes with it. Files of others stay.
    old = {path / TRAINING, path / OLD_IDS, *settings_files(path)}
    return Contents(files, old - files.keys())


def refuse_existing(path: Path) -> None:
    """Refuse to replace a vocabulary, or any file where one would be written.

    Raises:
        ArgumentError: There is one.
    """
    found = next(filter(os.path.lexists, _written(path)), None)
    # A pipe or a device is written to, not replaced.
    if found is not None and found.is_file():
        raise ArgumentError(f"{found} exists", hint=Suggestion("{force} replaces it"))


def _written(path: Path) -> list[Path]:
    """Return where saving to `path` writes the vocabulary itself."""
    match target_format(path):
        case "directory":
            return [path / TOKENIZER, path / VOCAB]
        case "merges":
            return [path, path.with_name(path.name.removesuffix(MERGES) + VOCAB)]
        case _:
            return [path]


def to_json(value: object) -> bytes:
    """Return a value as JSON, as reports and settings are written."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
