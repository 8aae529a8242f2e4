"""Vocabulary files: which format a path means, and what belongs together."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bpe_tool import _core, checks
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, BpeToolWarning, LimitError, VocabError
from bpe_tool.io.atomic import make_directory
from bpe_tool.io.disk import naming
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.io.together import write_files

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
TRAINING = "training.json"
VOCAB = "vocab.json"
MERGES = "merges.txt"

#: Vocabulary files are read up to this size, so that endless ones end. Those of published
#: vocabularies are many times smaller.
MAX_FILE_BYTES = 1 << 30

#: How much is read of a vocabulary file at a time.
PIECE_BYTES = 1 << 20

#: Files that are replaced while they are read are read again, so often and after so many seconds.
ATTEMPTS = 5
PAUSE = 0.05
#: What may stand before the first character of a JSON file.
JSON_SPACE = b"\xef\xbb\xbf \t\r\n"

#: What a special token can be, as `transformers` names it.
ROLES = ("bos", "eos", "pad", "unk")

#: The characters that stand for bytes in GPT-2's files and their like.
BYTE_CHARACTERS = frozenset(map(chr, (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x144))))


def load(
    path: str | os.PathLike[str],
    pattern: str | None,
    special_tokens: Mapping[str, int] | Iterable[str],
    on_read: Callable[[bytes], object] | None = None,
) -> _core.Tokenizer:
    """Load any vocabulary file; see `Tokenizer.load`.

    `on_read` is called with what is in it: of two files that belong together, one after the
    other.
    """

    def read(*paths: Path) -> list[bytes]:
        found = _read(paths, is_json=paths[0].suffix != ".tiktoken")
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
    if path.suffix == ".tiktoken":
        regex = _needed(pattern, path)
        return _core.Tokenizer.from_tiktoken(read(path)[0], regex, specials)
    if pattern is not None or specials:
        raise ArgumentError(
            f"{path} carries its own pattern and special tokens",
            hint="leave `pattern` and `special_tokens` out",
        )
    return _core.Tokenizer.from_tokenizer_json(read(path)[0])


def _warn_of_missing(core: _core.Tokenizer, path: Path) -> None:
    """Warn if a part of the file seems to be missing: it would give other ids in silence."""
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
        f"{path}: {what}; the file may be cut off or incomplete: compare it with where it is from",
        BpeToolWarning,
        stacklevel=4,
    )


def save(core: _core.Tokenizer, path: str | os.PathLike[str], roles: Mapping[str, str]) -> None:
    """Write a vocabulary; see `Tokenizer.save`."""
    path = Path(path)
    check_roles(roles, core.special_tokens)
    if means_directory(path):
        save_directory(core.to_tokenizer_json(), path, roles, None)
    elif path.name.endswith(MERGES):
        vocab, merges = core.to_vocab_and_merges()
        # Without merges.txt nobody takes vocab.json for a vocabulary.
        write_files({path.with_name(path.name.removesuffix(MERGES) + VOCAB): vocab, path: merges})
    elif path.suffix == ".tiktoken":
        write_files({path: core.to_tiktoken()})
    else:
        write_files({path: core.to_tokenizer_json()})


def lacks_pattern(path: str | os.PathLike[str]) -> bool:
    """Return whether a vocabulary file is of a format that does not say how text is split."""
    path = Path(path)
    if path.is_dir():
        path = _main_file(path)
    return path.suffix == ".tiktoken" or _pair(path) is not None


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
    """Warn of those that Hugging Face does not decode as they are.

    Its byte-level decoder takes any token for bytes that could be some by its characters.
    """
    for text in special_tokens:
        if not text.isascii() and BYTE_CHARACTERS.issuperset(text):
            warnings.warn(
                f"tokenizers and transformers will decode the special token {text!r} as another "
                "text, though all ids are right; a text in ASCII is safe",
                BpeToolWarning,
                stacklevel=4,
            )


def means_directory(path: Path) -> bool:
    """Return whether saving to `path` makes a directory: its name is of no file format."""
    return path.suffix not in (".json", ".tiktoken") and not path.name.endswith(MERGES)


def save_directory(
    tokenizer_json: bytes, path: Path, roles: Mapping[str, str], training: bytes | None
) -> None:
    """Write a vocabulary directory. See `bpe_tool.io.together` for what others see meanwhile."""
    make_directory(path)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        **{f"{role}_token": roles[role] for role in ROLES if role in roles},
    }
    files = {path / TOKENIZER: tokenizer_json, path / CONFIG: to_json(config)}
    if training is not None:
        files[path / TRAINING] = training
    # An old one would speak of the files that are replaced.
    write_files(files, remove=() if training is not None else (path / TRAINING,))


def to_json(value: object) -> bytes:
    """Return the one way in which reports and settings are written."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _main_file(directory: Path) -> Path:
    for name in (TOKENIZER, VOCAB):
        if (directory / name).is_file():
            return directory / name
    raise FileNotFoundError(
        errno.ENOENT, "no tokenizer.json or vocab.json in directory", str(directory)
    )


def _pair(path: Path) -> tuple[Path, Path] | None:
    """Return the files of GPT-2's format if `path` names one and the other is beside it."""
    for name in (VOCAB, MERGES):
        if path.name.endswith(name):
            prefix = path.name.removesuffix(name)
            vocab, merges = path.with_name(prefix + VOCAB), path.with_name(prefix + MERGES)
            # Alone, a file of this name is a tokenizer.json under another name.
            return (vocab, merges) if name == MERGES or merges.is_file() else None
    return None


def _read(paths: Sequence[Path], *, is_json: bool) -> list[bytes]:
    """Return what is in files, or comes through pipes, if it can be that of one vocabulary.

    Raises:
        VocabError: It cannot be a vocabulary's, which is said before all of it is read.
        LimitError: There is too much of it.
        OSError: It cannot be read, or changes all the time.
    """
    for _ in range(ATTEMPTS):
        found = [_read_one(path, is_json and not path.name.endswith(MERGES)) for path in paths]
        # They may have been replaced meanwhile, one after the other.
        if all(
            status is None or _state(path.stat()) == status
            for path, (_, status) in zip(paths, found, strict=True)
        ):
            return [data for data, _ in found]
        time.sleep(PAUSE)
    raise OSError(errno.EIO, "the file changes while it is being read", str(paths[0]))


def _read_one(path: Path, is_json: bool) -> tuple[bytes, tuple[int, ...] | None]:
    """Return what is in a file; and what tells whether it is another one later, if that can be."""
    kind = path.stat().st_mode
    if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
        raise OSError(errno.EINVAL, "this is a device, not a vocabulary file", str(path))
    content = io.BytesIO()
    begun, wrong = not is_json, False
    with naming(path), path.open("rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        while piece := file.read(PIECE_BYTES):
            if max(before.st_size, content.tell() + len(piece)) > MAX_FILE_BYTES:
                raise LimitError(
                    f"{path}: a vocabulary file has {MAX_FILE_BYTES} bytes at most, this one more"
                )
            if wrong:
                raise VocabError("not a valid JSON file: it does not begin with {")
            if not begun and (start := piece.lstrip(JSON_SPACE)):
                begun, wrong = True, not start.startswith(b"{")
            end = piece.find(b"\0") + 1
            content.write(piece[: end or None])
            if end:
                # No text holds it. The core says where it is.
                break
    return content.getvalue(), _state(before) if stat.S_ISREG(before.st_mode) else None


def _state(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _needed(pattern: str | None, path: Path) -> str:
    if pattern is None:
        raise ArgumentError(
            f"{path} does not say how text is split",
            hint=f"pass `pattern`: one of {', '.join(_core.PATTERNS)}, or a regex",
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
