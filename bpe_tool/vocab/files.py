"""Loads and saves vocabulary files. The name of a path decides its format."""

from __future__ import annotations

import errno
import io
import json
import os
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from bpe_tool import _core, checks
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import (
    ArgumentError,
    BpeToolWarning,
    Suggestion,
    VocabError,
)
from bpe_tool.io import small_files
from bpe_tool.io.atomic import make_directory
from bpe_tool.io.file_state import FileState
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.io.together import write_files

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
TRAINING = "training.json"

#: The value of the field `format` in `training.json`.
TRAINING_FORMAT = "bpe_tool training record"

VOCAB = "vocab.json"
MERGES = "merges.txt"

#: The suffix of tiktoken files.
TIKTOKEN = ".tiktoken"

#: The limit on the size of a vocabulary file. Published ones are many times smaller.
MAX_FILE_BYTES = 1 << 30

#: How often to read files that are replaced meanwhile, and how many seconds to wait in between.
ATTEMPTS = 5
PAUSE = 0.05

#: What may precede the first character of a JSON file.
JSON_SPACE = b"\xef\xbb\xbf \t\r\n"

#: The roles of special tokens, by their names in `transformers`.
ROLES = ("bos", "eos", "pad", "unk")

#: The characters that represent bytes in the files of GPT-2 and similar vocabularies.
BYTE_CHARACTERS = frozenset(map(chr, (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x144))))


def load(
    path: str | os.PathLike[str],
    pattern: str | None,
    special_tokens: Mapping[str, int] | Iterable[str],
    on_read: Callable[[bytes], object] | None = None,
) -> _core.Tokenizer:
    """Load any vocabulary file; see `Tokenizer.load`.

    `on_read` is called with the content of each file.
    """

    def read(*paths: Path) -> list[bytes]:
        found = _read(paths, is_json=paths[0].suffix != TIKTOKEN)
        if on_read is not None:
            for data in found:
                on_read(data)
        return found

    if pattern is not None:
        checks.plain("pattern", pattern)
    path = Path(path)
    refuse_temporary(path, VocabError)
    if path.is_dir():
        path = _main_file(path)
    specials = _with_ids(special_tokens)
    try:
        core = _load(path, pattern, specials, read)
    except VocabError as error:
        raise error.at(str(path)) from None
    _warn_of_missing(core, path)
    return core


def _load(
    path: Path,
    pattern: str | None,
    specials: list[tuple[str, int | None]],
    read: Callable[..., list[bytes]],
) -> _core.Tokenizer:
    pair = _pair(path)
    if pair is not None:
        vocab, merges = read(*pair)
        regex = _needed(pattern, path)
        return _core.Tokenizer.from_vocab_and_merges(vocab, merges, regex, specials)
    if path.suffix == TIKTOKEN:
        regex = _needed(pattern, path)
        return _core.Tokenizer.from_tiktoken(read(path)[0], regex, specials)
    if pattern is not None or specials:
        raise ArgumentError(
            f"{path} carries its own pattern and special tokens",
            hint=Suggestion("leave {pattern} and {special_tokens} out"),
        )
    return _core.Tokenizer.from_tokenizer_json(read(path)[0])


def _warn_of_missing(core: _core.Tokenizer, path: Path) -> None:
    """Warn if part of the file seems to be missing: ids would silently differ."""
    if core.missing is None:
        return
    kind, count, id = core.missing
    if kind == "merges":
        what = (
            f"no merge makes {count} of its tokens, such as {core.id_to_token(id)!r} (id {id}), "
            "so text becomes other ids than those"
        )
    else:
        what = f"{count} ids below the largest have no token, the first of them {id}"
    warnings.warn(
        f"{path}: {what}; the file may be cut off or incomplete: compare it with its source",
        BpeToolWarning,
        stacklevel=4,
    )


def save(core: _core.Tokenizer, path: str | os.PathLike[str], roles: Mapping[str, str]) -> None:
    """Write a vocabulary; see `Tokenizer.save`."""
    path = Path(path)
    check_roles(roles, core.special_tokens)
    match target_format(path):
        case "directory":
            save_directory(core.to_tokenizer_json(), path, roles, None)
        case "merges":
            vocab, merges = core.to_vocab_and_merges()
            # Without merges.txt, vocab.json is not read as a vocabulary.
            vocab_path = path.with_name(path.name.removesuffix(MERGES) + VOCAB)
            write_files({vocab_path: vocab, path: merges})
        case "tiktoken":
            write_files({path: core.to_tiktoken()})
        case "json":
            write_files({path: core.to_tokenizer_json()})


def lacks_pattern(path: str | os.PathLike[str]) -> bool:
    """Return whether a vocabulary file is in a format that does not hold the pattern."""
    path = Path(path)
    if path.is_dir():
        path = _main_file(path)
    return path.suffix == TIKTOKEN or _pair(path) is not None


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


def save_directory(
    tokenizer_json: bytes, path: Path, roles: Mapping[str, str], training: bytes | None
) -> None:
    """Write a vocabulary directory; see `bpe_tool.io.together` for what readers see meanwhile."""
    make_directory(path)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        **{f"{role}_token": roles[role] for role in ROLES if role in roles},
    }
    files = {path / TOKENIZER: tokenizer_json, path / CONFIG: to_json(config)}
    if training is not None:
        files[path / TRAINING] = training
    # An old training.json would describe the files that are replaced.
    write_files(files, remove=() if training is not None else (path / TRAINING,))


def to_json(value: object) -> bytes:
    """Return a value as JSON, as reports and settings are written."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _main_file(directory: Path) -> Path:
    for name in (TOKENIZER, VOCAB):
        if (directory / name).is_file():
            return directory / name
    raise FileNotFoundError(
        errno.ENOENT, "no tokenizer.json or vocab.json in directory", str(directory)
    )


def _pair(path: Path) -> tuple[Path, Path] | None:
    """Return both files of GPT-2's format if `path` is one of them and the other one exists."""
    for name in (VOCAB, MERGES):
        if path.name.endswith(name):
            prefix = path.name.removesuffix(name)
            vocab, merges = path.with_name(prefix + VOCAB), path.with_name(prefix + MERGES)
            # Without merges.txt, such a file is a tokenizer.json under another name.
            return (vocab, merges) if name == MERGES or merges.is_file() else None
    return None


def _read(paths: Sequence[Path], *, is_json: bool) -> list[bytes]:
    """Return the content of the files of one vocabulary. Pipes are read, too.

    Raises:
        VocabError: A file is not a vocabulary. Not all of it is read then.
        LimitError: A file is too large.
        OSError: A file cannot be read, or it keeps changing.
    """
    for _ in range(ATTEMPTS):
        # Only a regular file has a state.
        states = [FileState.of(path) if path.is_file() else None for path in paths]
        found = [_content(path, is_json and not path.name.endswith(MERGES)) for path in paths]
        # Another process may have replaced them in between.
        if all(
            state is None or FileState.of(path) == state
            for path, state in zip(paths, states, strict=True)
        ):
            return found
        time.sleep(PAUSE)
    raise OSError(errno.EIO, "the file changes while it is being read", str(paths[0]))


def _content(path: Path, is_json: bool) -> bytes:
    """Return the content of a file, up to the first byte that no vocabulary file holds."""
    content = io.BytesIO()
    begun, wrong = not is_json, False
    for piece in small_files.pieces(path, MAX_FILE_BYTES, pipes="wait"):
        if wrong:
            raise VocabError("not a valid JSON file: it does not begin with {")
        if not begun and (start := piece.lstrip(JSON_SPACE)):
            begun, wrong = True, not start.startswith(b"{")
        end = piece.find(b"\0") + 1
        content.write(piece[: end or None])
        if end:
            # The core will say where the NUL is.
            break
    # Unlike joining pieces, this copies nothing.
    return content.getvalue()


def _needed(pattern: str | None, path: Path) -> str:
    if pattern is None:
        raise ArgumentError(
            f"{path} does not say how text is split",
            hint=Suggestion(f"pass {{pattern}}: one of {', '.join(_core.PATTERNS)}, or a regex"),
        )
    return pattern


def _with_ids(special_tokens: Mapping[str, int] | Iterable[str]) -> list[tuple[str, int | None]]:
    if not isinstance(special_tokens, Mapping):
        texts = checks.strings("special_tokens", special_tokens)
        return [(checks.plain("special_tokens", text), None) for text in texts]
    return [
        (checks.plain("special_tokens", text), checks.whole("special_tokens", id, 0, MAX_ID))
        for text, id in special_tokens.items()
    ]
