"""Vocabularies by name: files that are on this machine already. Nothing is downloaded.

A name is looked for in the directory that the environment variable `BPE_TOOL_VOCABS` names, in
tiktoken's cache, and in Hugging Face's. A path that exists is never a name.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bpe_tool.errors import LimitError
from bpe_tool.io import small_files
from bpe_tool.vocab import published
from bpe_tool.vocab.published import Encoding

#: The environment variable with the directory of a user's vocabularies.
FOLDER = "BPE_TOOL_VOCABS"

#: Names of vocabularies, and of models in Hugging Face's hub.
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)

#: What a name is followed by in the user's directory.
_ENDINGS = ("", ".tiktoken", ".json", ".model", ".gguf", "/tokenizer.json", "-vocab.json",
            "_vocab.json")  # fmt: skip

#: In what a file may end that no name does.
_SUFFIXES = frozenset({".json", ".tiktoken", ".model", ".txt", ".gguf", ".bin", ".safetensors"})


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
        FileNotFoundError: It is the name of a published vocabulary that is not on this machine.
    """
    name = str(path)
    if os.path.lexists(path) or not _NAME.fullmatch(name) or path.suffix in _SUFFIXES:
        return Found(path)
    encoding = published.by_name(name)
    if encoding is None:
        found = next(chain(_in_folder(name), _in_hub(name)), None)
        return Found(path if found is None else found)
    for each in _published(encoding):
        return each
    raise FileNotFoundError(errno.ENOENT, _missing(encoding), name)


def _missing(encoding: Encoding) -> str:
    """Say how to get a vocabulary."""
    file = f"{encoding.name}.tiktoken"
    source = f"download {encoding.url}" if encoding.url else "get its file from its publisher"
    return (
        f"{encoding.name} is not on this machine: {source} and save it as {file} in the directory "
        f"that {FOLDER} names"
    )


def _published(encoding: Encoding) -> Iterator[Found]:
    """Yield where a published vocabulary is on this machine."""
    same = [each.name for each in published.ENCODINGS.values() if each.sha256 == encoding.sha256]
    for name in dict.fromkeys((encoding.name, *same)):
        for path in _in_folder(name):
            if path.is_file() and _is(path, encoding):
                yield Found(path, encoding.special_tokens)
            elif name == encoding.name and (path.is_dir() or path.suffix == ".json"):
                yield Found(path)
    cached = _tiktoken_cache(encoding.url)
    if cached is not None and _is(cached, encoding):
        yield Found(cached, encoding.special_tokens)
    if encoding.name == "gpt2":
        for name in ("openai-community/gpt2", "gpt2"):
            yield from map(Found, _in_hub(name))


def _in_folder(name: str) -> Iterator[Path]:
    folder = os.environ.get(FOLDER)
    for ending in _ENDINGS if folder else ():
        path = Path(f"{folder}/{name}{ending}")
        if path.is_file() or (not ending and path.is_dir()):
            yield path


def _is(path: Path, encoding: Encoding) -> bool:
    """Return whether a file is that of a published vocabulary: anyone may write to a cache."""
    try:
        return published.digest(small_files.read(path)) == encoding.sha256
    except (OSError, LimitError):
        return False


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
    model = _hub_cache() / ("models--" + name.replace("/", "--"))
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
