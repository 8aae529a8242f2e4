"""Learns a vocabulary from streams of documents: counts pretokens, then learns merges."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, BpeToolError, Suggestion
from bpe_tool.io.documents import NDJSON_TERMINATOR, OnSkip, TextBlock, Unit, documents
from bpe_tool.io.sources import Source, total_size
from bpe_tool.vocab import files as vocab_files

if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.streams.preprocess import StreamPreprocessor

Level: TypeAlias = Literal["byte", "char", "word"]
Alphabet: TypeAlias = Literal["byte", "gpt2"]

#: Called with the phase (`"read"`, in bytes, or `"merge"`, in units of work), the amount done,
#: and the total, which is `None` if it is not known.
OnProgress: TypeAlias = Callable[[Literal["read", "merge"], int, int | None], object]

#: The default pattern of each level. For `char` and `word` it is the only one allowed: it
#: defines their units.
PATTERNS: Mapping[Level, str] = {"byte": "cl100k", "char": "(?s:.)", "word": "whitespace"}


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """What to learn. All options are recorded in `training.json`.

    Attributes:
        vocab_size: Number of tokens: alphabet, merges and special tokens.
        pattern: A name or a regex. By default that of the level in `PATTERNS`.
        special_tokens: Texts that become one token each. They are cut out of the corpus before
            anything is learned. Their ids follow those of the merges.
        roles: Which special token is `bos`, `eos`, `pad` or `unk`.
        min_frequency: How often a pair must occur to be merged.
        max_token_bytes: The maximum length of a token in bytes. No limit by default.
        alphabet: Ids of the 256 single bytes: `byte` (byte b has id b) or `gpt2` (the order of
            GPT-2's characters).
        level: `byte` learns merges; `char` and `word` list characters or words.

    Raises:
        ArgumentError: An option is out of range, or two contradict each other.
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
        default = PATTERNS[self.level]
        if self.level != "byte" and self.pattern not in (None, default):
            raise ArgumentError(
                f"level {self.level!r} defines its own pattern",
                hint=Suggestion("leave {pattern} out"),
            )
        if self.pattern is None:
            object.__setattr__(self, "pattern", default)
        missing = [text for text in self.roles.values() if text not in self.special_tokens]
        specials = (*self.special_tokens, *dict.fromkeys(missing))
        object.__setattr__(self, "special_tokens", specials)
        vocab_files.check_roles(self.roles, specials)
        _core.check_options(self.for_core())

    def warn(self) -> None:
        """Warn about special tokens that other tools decode differently."""
        if self.level == "byte":
            vocab_files.warn_of_special_tokens(self.special_tokens)

    def for_core(self) -> dict[str, object]:
        """Return the options as the core takes them."""
        return {name: value for name, value in asdict(self).items() if name != "roles"}


@dataclass(frozen=True)
class TrainedVocab:
    """A vocabulary that was just learned, with what is known about its training.

    Attributes:
        tokenizer: The tokenizer, of the core.
        options: The options it was learned with.
        totals: Numbers of `documents`, `bytes`, `pretokens` and `unique_pretokens`.
        counts_sha256: Digest of the sorted pretoken counts. Equal corpora have equal digests.
        merge_counts: How often the pair of each merge occurred when it was learned.
        counts: The pretokens it was learned from.
        pipeline: The pipeline that the corpus went through first, if there was one.
    """

    tokenizer: _core.Tokenizer
    options: TrainOptions
    totals: Mapping[str, int]
    counts_sha256: str
    merge_counts: Sequence[int]
    counts: _core.PretokenCounts
    pipeline: Pipeline | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the corpus was too small for the requested size."""
        return len(self.tokenizer) < self.options.vocab_size

    def with_vocab_size(self, vocab_size: int) -> TrainedVocab:
        """Return what training for a smaller size learns from the same corpus."""
        core = self.tokenizer.with_vocab_size(vocab_size)
        fewer = len(self.tokenizer) - len(core)
        return replace(
            self,
            tokenizer=core,
            options=replace(self.options, vocab_size=vocab_size),
            merge_counts=self.merge_counts[: len(self.merge_counts) - fewer],
        )

    def merges_table(self) -> bytes:
        """Return a table of the merges, as tab-separated values."""
        from bpe_tool.vocab.merges_table import merges_table

        return merges_table(self.tokenizer, self.counts, self.merge_counts)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary as `Tokenizer.save` does; a directory also gets `training.json`.

        Equal corpora and options give equal bytes.
        """
        path = Path(path)
        if not vocab_files.means_directory(path):
            vocab_files.save(self.tokenizer, path, {})
            return
        tokenizer_json = self.tokenizer.to_tokenizer_json()
        training = vocab_files.to_json(self._training(tokenizer_json, path))
        vocab_files.save_directory(tokenizer_json, path, self.options.roles, training)

    def _training(self, tokenizer_json: bytes, folder: Path) -> dict[str, object]:
        return {
            "format": vocab_files.TRAINING_FORMAT,
            "version": 1,
            "tool": {"version": _core.__version__, "unicode": _core.UNICODE_VERSION},
            "options": asdict(self.options),
            "pipeline": self.pipeline and self.pipeline.record(folder),
            "totals": dict(self.totals),
            "counts_sha256": self.counts_sha256,
            "tokenizer_sha256": hashlib.sha256(tokenizer_json).hexdigest(),
            "merge_counts": list(self.merge_counts),
        }


def train(
    sources: Sequence[Source],
    unit: Unit,
    options: TrainOptions,
    *,
    preprocessing: StreamPreprocessor | None = None,
    threads: int = 0,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
    on_progress: OnProgress | None = None,
    on_skip: OnSkip | None = None,
) -> TrainedVocab:
    """Learn a vocabulary from the documents of sources.

    Args:
        sources: The inputs.
        unit: What a document is.
        options: What to learn.
        preprocessing: How documents are preprocessed first, if they are. Its `on_read` is not
            used. It cuts the special tokens of `options` out.
        threads: Number of threads; 0 uses every CPU available to the process.
        max_pretoken_bytes: A longer pretoken is an error.
        on_progress: See `OnProgress`.
        on_skip: Called for each record that is not valid. Without it, the first one is an error.
            (`preprocessing` has its own.)

    Raises:
        BpeToolError: A source or a record is not valid. The message names it.
        OSError: A source cannot be read.
    """
    options.warn()
    ends = [unit.of(source).terminator for source in sources]
    if preprocessing is not None:
        ends = [preprocessing.preprocessor.terminator_of(unit.of(source)) for source in sources]
    # Documents of records can be counted one by one, if text has another terminator.
    terminator = next((each for each in ends if each != NDJSON_TERMINATOR), NDJSON_TERMINATOR)
    counter = new_counter(options, terminator, threads, max_pretoken_bytes)
    total = total_size(sources)
    done = 0

    def on_read(size: int) -> None:
        nonlocal done
        done += size
        if on_progress is not None:
            on_progress("read", done, total)

    texts: Iterable[tuple[Source, Iterator[TextBlock]]]
    if preprocessing is None:
        texts = (
            (source, documents(source, unit, on_read=on_read, on_skip=on_skip))
            for source in sources
        )
    else:
        texts = replace(preprocessing, on_read=on_read).documents(sources)
    skipped = 0
    for (source, blocks), end in zip(texts, ends, strict=True):
        apart = end == NDJSON_TERMINATOR != terminator
        for block in blocks if not apart else _in_whole_documents(blocks):
            skipped += len(block.skipped) + block.cuts
            with _locating(source.name):
                if apart:
                    counter.feed_documents(block.text.split(NDJSON_TERMINATOR)[:-1])
                else:
                    counter.feed(block.text)
        with _locating(source.name):
            counter.end_stream()
    pipeline = None if preprocessing is None else preprocessing.preprocessor.pipeline
    return learn(counter, options, on_progress, pipeline, skipped)


def _in_whole_documents(blocks: Iterable[TextBlock]) -> Iterator[TextBlock]:
    """Yield blocks of records that each end with a document."""
    begun: list[bytes] = []
    for block in blocks:
        begun.append(block.text)
        if block.text.endswith(NDJSON_TERMINATOR):
            yield block._replace(text=b"".join(begun))
            begun = []
    if any(begun):
        yield TextBlock(b"".join([*begun, NDJSON_TERMINATOR]))


@contextmanager
def _locating(name: str) -> Iterator[None]:
    """Make errors of the core name the source they are about."""
    try:
        yield
    except BpeToolError as error:
        raise error.at(name) from None


def new_counter(
    options: TrainOptions,
    terminator: bytes | None,
    threads: int,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
) -> _core.PretokenCounter:
    """Make a counter of the pretokens that `options` define."""
    return _core.PretokenCounter(
        options.pattern or "",
        special_tokens=options.special_tokens,
        terminator=terminator,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
    )


def learn(
    counter: _core.PretokenCounter,
    options: TrainOptions,
    on_progress: OnProgress | None,
    pipeline: Pipeline | None = None,
    skipped: int = 0,
) -> TrainedVocab:
    """Learn merges from pretokens.

    Args:
        counter: Has counted the pretokens.
        options: What to learn.
        on_progress: See `OnProgress`.
        pipeline: What the corpus went through, to be recorded.
        skipped: How many of the documents counted are empty stand-ins for skipped records, or
            parts of a document that special tokens were cut out of.
    """
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
    return TrainedVocab(core, options, totals, digest.hexdigest(), merge_counts, counts, pipeline)
