"""Learning a vocabulary: count pretokens, learn merges, write what was learned."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, BpeToolError, DataError, Template
from bpe_tool.io.documents import Block, OnSkip, Unit, documents
from bpe_tool.io.sources import Source, expand, total_size
from bpe_tool.tokenizer import MAX_PRETOKEN_BYTES, Text, Tokenizer
from bpe_tool.vocab import files as vocab_files

if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.streams.preparation import Preparation
    from bpe_tool.streams.preprocess import OnPrepared

Level: TypeAlias = Literal["byte", "char", "word"]
Alphabet: TypeAlias = Literal["byte", "gpt2"]

#: Called with the phase (`"read"`, in bytes, or `"merge"`, in units of work), how much
#: of it is done, and how much there is in all (`None` if that is not known).
OnProgress: TypeAlias = Callable[[str, int, int | None], object]

#: The pattern that counts the units of a level, and the default of level `byte`.
PATTERNS: Mapping[str, str] = {"byte": "cl100k", "char": "(?s:.)", "word": "whitespace"}

#: Texts are handed to the core in batches of about so many bytes.
BATCH_BYTES = 8 * 1024 * 1024
#: What a text counts as beside its own, as even an empty one takes memory.
TEXT_BYTES = 128


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What is to be learned. All of it is recorded in `training.json`.

    Attributes:
        vocab_size: Number of tokens: alphabet, merges and special tokens.
        pattern: Name of a pattern, or a regex. Default: `cl100k`, or for the levels
            `char` and `word` the pattern that defines them, which is the only one there.
        special_tokens: Texts that each become one token. They are cut out of the corpus
            first, so that nothing is learned from them, and follow the merges in id.
        roles: Which of them is `bos`, `eos`, `pad` or `unk`.
        min_frequency: A merge must occur at least so often.
        max_token_bytes: No token is longer than so many bytes. No limit by default.
        alphabet: Ids of the 256 single bytes: `byte` (byte b is id b) or `gpt2` (the
            order of the GPT-2 character alphabet).
        level: `byte` learns merges; `char` and `word` list whole characters or words.
    """

    vocab_size: int
    pattern: str | None = None
    special_tokens: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    min_frequency: int = 1
    max_token_bytes: int | None = None
    alphabet: Alphabet = "byte"
    level: Level = "byte"

    def __post_init__(self) -> None:
        for name, least in (("vocab_size", 1), ("min_frequency", 1), ("max_token_bytes", 1)):
            value = getattr(self, name)
            if value is not None or name != "max_token_bytes":
                object.__setattr__(self, name, checks.whole(name, value, least, checks.MAX_COUNT))
        if self.pattern is not None:
            checks.plain("pattern", self.pattern)
        for text in checks.strings("special_tokens", self.special_tokens):
            checks.plain("special_tokens", text)
        checks.choice("level", self.level, get_args(Level))
        checks.choice("alphabet", self.alphabet, get_args(Alphabet))
        unit = PATTERNS.get(self.level)
        if self.level != "byte" and unit is not None and self.pattern not in (None, unit):
            raise ArgumentError(
                f"level {self.level!r} is its own pattern", hint=Template("leave {pattern} out")
            )
        if self.pattern is None:
            object.__setattr__(self, "pattern", unit or PATTERNS["byte"])
        missing = [text for text in self.roles.values() if text not in self.special_tokens]
        specials = (*self.special_tokens, *dict.fromkeys(missing))
        object.__setattr__(self, "special_tokens", specials)
        vocab_files.check_roles(self.roles, specials)
        _core.check_options(self.for_core())

    def warn(self) -> None:
        """Warn of what will work, but perhaps not as expected."""
        if self.level == "byte":
            vocab_files.warn_of_special_tokens(self.special_tokens)

    def for_core(self) -> dict[str, object]:
        """Return them as the core takes them."""
        return {name: value for name, value in asdict(self).items() if name != "roles"}


@dataclass(frozen=True)
class TrainedVocab:
    """A vocabulary just learned, with what is known about its training.

    Attributes:
        tokenizer: The tokenizer.
        options: What was asked for.
        totals: Numbers of `documents`, `bytes`, `pretokens` and `unique_pretokens` read.
        counts_sha256: Digest of the sorted pretoken counts: equal corpora have equal ones.
        merge_counts: How often each merge's pair occurred when it was learned.
        pipeline: What the corpus went through first, if anything.
    """

    tokenizer: Tokenizer
    options: TrainOptions
    totals: Mapping[str, int]
    counts_sha256: str
    merge_counts: Sequence[int]
    pipeline: Pipeline | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the corpus was too small for the size asked for."""
        return len(self.tokenizer) < self.options.vocab_size

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary as `Tokenizer.save` does.

        A directory also gets `training.json`. Equal corpora and options give equal bytes.
        """
        path = Path(path)
        if not vocab_files.means_directory(path):
            self.tokenizer.save(path)
            return
        tokenizer_json = self.tokenizer._core.to_tokenizer_json()
        training = vocab_files.to_json(self._training(tokenizer_json, path))
        vocab_files.save_directory(tokenizer_json, path, self.options.roles, training)

    def _training(self, tokenizer_json: bytes, folder: Path) -> dict[str, object]:
        return {
            "format": "bpe_tool training record",
            "version": 1,
            "tool": {"version": _core.__version__, "unicode": _core.UNICODE_VERSION},
            "options": asdict(self.options),
            "pipeline": self.pipeline and self.pipeline.record(folder),
            "totals": dict(self.totals),
            "counts_sha256": self.counts_sha256,
            "tokenizer_sha256": hashlib.sha256(tokenizer_json).hexdigest(),
            "merge_counts": list(self.merge_counts),
        }


def train_vocab(
    texts: Iterable[Text],
    *,
    vocab_size: int,
    pattern: str | None = None,
    special_tokens: Iterable[str] = (),
    min_frequency: int = 1,
    max_token_bytes: int | None = None,
    alphabet: Alphabet = "byte",
    level: Level = "byte",
    pipeline: Pipeline | None = None,
    threads: int = 0,
    on_progress: OnProgress | None = None,
) -> Tokenizer:
    """Learn a vocabulary from texts, each of them one document.

    The most frequent pair of adjacent tokens is merged again and again; among equally
    frequent ones, the pair with the smaller ids. The result depends on nothing but the
    documents: not on their order, nor on `threads`.

    Args:
        texts: The documents. They are read once, and not kept.
        vocab_size: Number of tokens: alphabet, merges and special tokens.
        pattern: Name of a pattern, or a regex; by default `cl100k`.
        special_tokens: Texts that each become one token, in the order of their ids.
        min_frequency: A merge must occur at least so often.
        max_token_bytes: No token is longer than so many bytes.
        alphabet: Ids of the single bytes: `byte`, or `gpt2` for GPT-2's order.
        level: `byte` learns merges; `char` and `word` list whole characters or words.
        pipeline: Preprocess each document with it first. Bytes must be UTF-8 then.
        threads: Threads to use; 0 is all that the process may use.
        on_progress: See `OnProgress`.

    Returns:
        The tokenizer: smaller than `vocab_size` if the corpus holds no more.

    Raises:
        ArgumentError: An argument makes no sense.
        DataError: A text is not what it should be.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=260)
    >>> tokenizer.merges[:2]
    [(b'l', b'o'), (b'lo', b'w')]
    """
    threads, pipeline = _checked(threads, pipeline, on_progress)
    options = TrainOptions(
        vocab_size=vocab_size,
        pattern=pattern,
        special_tokens=checks.strings("special_tokens", special_tokens),
        min_frequency=min_frequency,
        max_token_bytes=max_token_bytes,
        alphabet=alphabet,
        level=level,
    )
    options.warn()
    counter = _counter(options, None, threads, MAX_PRETOKEN_BYTES)
    for batch in _batches(texts):
        counter.feed_documents(pipeline.apply_all(_decoded(batch)) if pipeline else batch)
    return _learn(counter, options, on_progress, pipeline).tokenizer


def train_vocab_from_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    vocab_size: int,
    pattern: str | None = None,
    special_tokens: Iterable[str] = (),
    min_frequency: int = 1,
    max_token_bytes: int | None = None,
    alphabet: Alphabet = "byte",
    level: Level = "byte",
    pipeline: Pipeline | None = None,
    threads: int = 0,
    on_progress: OnProgress | None = None,
) -> Tokenizer:
    """Learn a vocabulary from files, each of them one document.

    Paths may be files (also `.gz` and `.zst`), directories and globs; the other
    arguments are those of `train_vocab`. Memory grows with the distinct pretokens only; with
    a pipeline, each file is held as a whole.
    """
    threads, pipeline = _checked(threads, pipeline, on_progress)
    options = TrainOptions(
        vocab_size=vocab_size,
        pattern=pattern,
        special_tokens=checks.strings("special_tokens", special_tokens),
        min_frequency=min_frequency,
        max_token_bytes=max_token_bytes,
        alphabet=alphabet,
        level=level,
    )
    names = [
        os.fspath(checks.path(f"paths[{number}]", path) and path)
        for number, path in enumerate(checks.several("paths", paths, "several paths"))
    ]
    if not names:
        raise ArgumentError("paths: there are none")
    sources = expand(names)
    preparation = None
    if pipeline is not None:
        from bpe_tool.streams.preparation import Preparation

        preparation = Preparation(pipeline=pipeline, unit=Unit())
    return train_from_sources(
        sources,
        Unit(),
        options,
        preparation=preparation,
        threads=threads,
        on_progress=on_progress,
    ).tokenizer


def train_from_sources(
    sources: Sequence[Source],
    unit: Unit,
    options: TrainOptions,
    *,
    preparation: Preparation | None = None,
    workers: int = 1,
    threads: int = 0,
    max_pretoken_bytes: int = MAX_PRETOKEN_BYTES,
    on_progress: OnProgress | None = None,
    on_skip: OnSkip | None = None,
    on_prepared: OnPrepared | None = None,
) -> TrainedVocab:
    """Learn a vocabulary from inputs whose documents `unit` tells apart.

    Records that are not valid are given to `on_skip`; without it, the first one is an error.
    With a preparation, its pipeline prepares each document first, in `workers` processes.
    """
    options.warn()
    counter = _counter(options, unit.terminator, threads, max_pretoken_bytes)
    total = total_size(sources)
    done = 0

    def on_read(size: int) -> None:
        nonlocal done
        done += size
        if on_progress is not None:
            on_progress("read", done, total)

    texts: Iterable[tuple[Source, Iterator[Block]]]
    if preparation is None:
        texts = (
            (source, documents(source, unit, on_read=on_read, on_skip=on_skip))
            for source in sources
        )
    else:
        from bpe_tool.streams.preprocess import prepared_documents

        texts = prepared_documents(
            sources,
            preparation,
            workers=workers,
            on_read=on_read,
            on_skip=on_skip,
            on_prepared=on_prepared,
        )
    skipped = 0
    for source, blocks in texts:
        for block in blocks:
            skipped += len(block.skipped)
            with _located(source.name):
                counter.feed(block.text)
        with _located(source.name):
            counter.end_stream()
    pipeline = None if preparation is None else preparation.pipeline
    return _learn(counter, options, on_progress, pipeline, skipped)


@contextmanager
def _located(name: str) -> Iterator[None]:
    """Let errors of the core name the source they are about."""
    try:
        yield
    except BpeToolError as error:
        raise error.at(name) from None


def _counter(
    options: TrainOptions, terminator: bytes | None, threads: int, max_pretoken_bytes: int
) -> _core.PretokenCounter:
    return _core.PretokenCounter(
        options.pattern or "",
        special_tokens=options.special_tokens,
        terminator=terminator,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
    )


def _learn(
    counter: _core.PretokenCounter,
    options: TrainOptions,
    on_progress: OnProgress | None,
    pipeline: Pipeline | None = None,
    skipped: int = 0,
) -> TrainedVocab:
    """Learn from what was counted: documents, `skipped` of them empty stand-ins for none."""
    counts = counter.finish()

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress("merge", done, total)

    core, merge_counts = _core.train(counts, options.for_core(), progress)
    digest = hashlib.sha256()
    counts.write_sorted(digest.update)
    totals = {
        "documents": counts.documents - skipped,
        "bytes": counts.bytes,
        "pretokens": counts.pretokens,
        "unique_pretokens": len(counts),
    }
    return TrainedVocab(
        Tokenizer(core), options, totals, digest.hexdigest(), merge_counts, pipeline
    )


def _checked(
    threads: int, pipeline: Pipeline | None, on_progress: OnProgress | None
) -> tuple[int, Pipeline | None]:
    """Check the arguments that say how to train, not what."""
    if pipeline is not None:
        from bpe_tool.preprocess.pipeline import Pipeline

        checks.instance("pipeline", pipeline, Pipeline, "a Pipeline")
    if on_progress is not None and not callable(on_progress):
        raise checks.wrong_type("on_progress", on_progress, "a function")
    return checks.whole("threads", threads, most=checks.MAX_THREADS), pipeline


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    batch: list[Text] = []
    size = done = 0
    for text in checks.several("texts", texts, "several texts"):
        if type(text) is not str and not isinstance(text, checks.TEXT):
            raise checks.not_a_text("texts", done + len(batch), text)
        batch.append(text)
        size += len(text) + TEXT_BYTES
        if size >= BATCH_BYTES:
            yield batch
            done += len(batch)
            batch, size = [], 0
    if batch:
        yield batch


def _decoded(texts: Iterable[Text]) -> list[str]:
    """Return texts as `str`, which is what a pipeline takes."""
    decoded: list[str] = []
    for text in texts:
        try:
            decoded.append(text if isinstance(text, str) else text.decode())
        except UnicodeDecodeError as error:
            raise DataError(f"a text is not UTF-8 at byte {error.start}") from None
    return decoded
