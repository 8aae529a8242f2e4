"""Vocabularies by name: files that are on this machine already. Nothing is downloaded.

A name is looked for in the directory that the environment variable `BPE_TOOL_VOCABS` names, in
tiktoken's cache, and in Hugging Face's. A path that exists is never a name.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bpe_tool.errors import LimitError, VocabError
from bpe_tool.io import small_files
from bpe_tool.vocab import published
from bpe_tool.vocab.cut_files import find_cut
from bpe_tool.vocab.published import Encoding

#: The environment variable with the directory of a user's vocabularies.
FOLDER = "BPE_TOOL_VOCABS"

#: Names of vocabularies, and of models in Hugging Face's hub.
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)

#: What a name is followed by in the user's directory.
_ENDINGS = ("", ".tiktoken", ".json", ".model", ".gguf", "/tokenizer.json", "-vocab.json",
            "_vocab.json")  # fmt: skip

#: In what a file may end that no name does; of these, what holds its pattern and special tokens.
_SUFFIXES = frozenset({".json", ".tiktoken", ".model", ".txt", ".gguf", ".bin", ".safetensors"})
_COMPLETE = frozenset({".json", ".gguf"})

#: What the directory of a model in Hugging Face's cache begins with, and what stands for a slash.
_MODEL, _SLASH = "models--", "--"

#: How alike names must be for one to be suggested, and how many are.
_LIKENESS = 0.7
_SUGGESTIONS = 3


class Found(NamedTuple):
    """Where a vocabulary is.

    Attributes:
        path: A file or a directory.
        special_tokens: Its special tokens, where the file alone does not tell them.
    """

    path: Path
    special_tokens: Mapping[str, int] | None = None


def locate(path: Path) -> Found:
    """Return where the vocabulary is that a path or a name means.

    Raises:
        FileNotFoundError: It is a name, and nothing on this machine has it.
        VocabError: The only file of a published vocabulary is damaged.
        OSError: The only file of a published vocabulary cannot be read.
    """
    name = str(path)
    if os.path.lexists(path) or not _NAME.fullmatch(name):
        return Found(path)
    if path.suffix not in _SUFFIXES:
        encoding = published.by_name(name)
        others: Iterator[Path] = chain(_in_folder(name), _in_hub(name))
    elif "/" in name:
        return Found(path)
    else:
        # The whole name of a file in the user's directory.
        encoding = published.by_name(path.stem) if path.suffix == ".tiktoken" else None
        others = _in_folder(name, ("",))
    if encoding is not None:
        return _published(encoding, name)
    for found in others:
        return Found(found)
    is_file = path.suffix in _SUFFIXES
    raise FileNotFoundError(errno.ENOENT, _unknown(name, is_file=is_file), name)


def _published(encoding: Encoding, name: str) -> Found:
    """Return where a published vocabulary is on this machine."""
    faults: list[VocabError | OSError] = []
    for found in _candidates(encoding):
        fault = None
        if found.special_tokens is not None:
            fault = _fault(found.path, encoding)
        if fault is None:
            return found
        faults.append(fault)
    # A file in another place may be whole.
    for fault in faults:
        raise fault
    message = f"{encoding.name} is not on this machine: {_source(encoding)}"
    raise FileNotFoundError(errno.ENOENT, message, name)


def _source(encoding: Encoding) -> str:
    """Say how to get a vocabulary."""
    source = f"download {encoding.url}" if encoding.url else "get its file from its publisher"
    file = f"{encoding.name}.tiktoken"
    return f"{source} and save it as {file} in the directory that {FOLDER} names"


def _candidates(encoding: Encoding) -> Iterator[Found]:
    """Yield where a published vocabulary may be: files that are it, and files that tell it all."""
    same = [each.name for each in published.ENCODINGS.values() if each.sha256 == encoding.sha256]
    for name in dict.fromkeys((encoding.name, *same)):
        for path in _in_folder(name):
            if not path.is_dir() and path.suffix not in _COMPLETE:
                yield Found(path, encoding.special_tokens)
            elif name == encoding.name:
                yield Found(path)
    cached = _tiktoken_cache(encoding.url)
    if cached is not None and os.path.lexists(cached):
        yield Found(cached, encoding.special_tokens)
    if encoding.name == "gpt2":
        for name in ("openai-community/gpt2", "gpt2"):
            yield from map(Found, _in_hub(name))


def _fault(path: Path, encoding: Encoding) -> VocabError | OSError | None:
    """Return what is wrong with a file of a published vocabulary: anyone may write to a cache."""
    name = encoding.name
    try:
        data = small_files.read(path)
    except OSError as error:
        return error
    except LimitError:
        what = f"it has more than {small_files.MAX_BYTES} bytes"
    else:
        digest = published.digest(data)
        if digest == encoding.sha256:
            return None
        cut = find_cut(data)
        if not data:
            what = "it is empty"
        elif cut is not None:
            what = f"it begins as {cut.name} does, but has {cut.found} of its {cut.tokens} tokens"
        else:
            what = f"its SHA-256 is {digest}, not {encoding.sha256}"
    return VocabError(
        f"{path}: this is not the published {name}: {what}",
        hint=f"{_source(encoding)}; or pass the path of this file, to use it as it is",
    )


def _in_folder(name: str, endings: Sequence[str] = _ENDINGS) -> Iterator[Path]:
    folder = os.environ.get(FOLDER)
    for ending in endings if folder else ():
        path = Path(f"{folder}/{name}{ending}")
        # What cannot be read is there, too: it is said then what it is.
        if os.path.lexists(path) and (not ending or not path.is_dir()):
            yield path


def _unknown(name: str, *, is_file: bool) -> str:
    """Say that nothing has a name, or a file that is not in the user's directory either."""
    # Only those who are mistaken pay for it.
    import difflib

    folder = os.environ.get(FOLDER)
    names = _files_here() if is_file else [*_names_here(), *published.NAMES, *published.ENCODINGS]
    known = {each.lower(): each for each in names}
    found = difflib.get_close_matches(name.lower(), known, _SUGGESTIONS, _LIKENESS)
    message = os.strerror(errno.ENOENT)
    if not is_file:
        where = f"{folder}, which {FOLDER} names" if folder else f"{FOLDER}, which is not set"
        message += f", and no vocabulary has this name in {where}, or in the caches of tiktoken "
        message += "and Hugging Face"
    elif folder:
        message += f", nor in {folder}, which {FOLDER} names"
    if found:
        return f"{message}: did you mean {' or '.join(known[each] for each in found)}?"
    if is_file:
        return message
    return f"{message}; the published ones are {', '.join(published.ENCODINGS)}"


def _files_here() -> list[str]:
    """Return the names of the files in the user's directory."""
    folder = os.environ.get(FOLDER)
    return _entries(Path(folder)) if folder else []


def _names_here() -> Iterator[str]:
    """Yield the names of vocabularies in the user's directory, and in Hugging Face's cache."""
    for file in map(Path, _files_here()):
        yield file.stem if file.suffix in _SUFFIXES else file.name
    for entry in _entries(_hub_cache()):
        if entry.startswith(_MODEL):
            yield entry.removeprefix(_MODEL).replace(_SLASH, "/", 1)


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _tiktoken_cache(url: str) -> Path | None:
    """Return where tiktoken would keep the file of a URL."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder is None:
        import tempfile

        folder = str(Path(tempfile.gettempdir()) / "data-gym-cache")
    if not folder or not url:
        return None
    import hashlib

    return Path(folder) / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()


def _in_hub(name: str) -> Iterator[Path]:
    """Yield the directory of a model in Hugging Face's cache: of the last version of `main`."""
    model = _hub_cache() / (_MODEL + name.replace("/", _SLASH))
    try:
        revision = (model / "refs" / "main").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return
    snapshot = model / "snapshots" / revision
    if _NAME.fullmatch(revision) and "/" not in revision and snapshot.is_dir():
        yield snapshot


def _hub_cache() -> Path:
    environment = os.environ
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if folder := environment.get(variable):
            return Path(folder).expanduser()
    if home := environment.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"
