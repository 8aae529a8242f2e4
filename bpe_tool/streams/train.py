"""Learns a vocabulary from streams of documents: counts pretokens, then learns merges."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.io.documents import OnSkip, Unit
from bpe_tool.io.sources import Source
from bpe_tool.streams.count_pretokens import Level, count_sources, pattern_of
from bpe_tool.streams.spill import Spill, check_training, equal, reading
from bpe_tool.streams.token_rules import TokenRules
from bpe_tool.streams.trim import TrimmedVocab, trim
from bpe_tool.vocab import files as vocab_files
from bpe_tool.vocab.old_ids import table as old_ids_table
from bpe_tool.vocab.opening import Opened
from bpe_tool.vocab.settings import NO_SETTINGS, Settings

if TYPE_CHECKING:
    from bpe_tool.streams.preprocess import StreamPreprocessor

Alphabet: TypeAlias = Literal["byte", "gpt2"]

#: Called with the phase (`"read"`, in bytes, or `"merge"`, in units of work), the amount done,
#: and the total, which is `None` if it is not known.
OnProgress: TypeAlias = Callable[[Literal["read", "merge"], int, int | None], object]


class Recorded(Protocol):
    """What the record of a training says about a pipeline: a `Pipeline`, or what is known of one.

    Attributes:
        digest: Its digest.
    """

    @property
    def digest(self) -> str:
        """See `Pipeline.digest`."""

    def record(self, folder: str | os.PathLike[str]) -> Mapping[str, object]:
        """See `Pipeline.record`."""


@dataclass(frozen=True, kw_only=True)
class TrainOptions(TokenRules):
    """What to learn. All options are recorded in `training.json`.

    Attributes:
        vocab_size: Number of tokens: alphabet, merges and special tokens.
        pattern: A name or a regex. By default that of the level in `PATTERNS`.
        special_tokens: Texts that become one token each. They are cut out of the corpus before
            anything is learned. Their ids follow those of the merges.
        roles: Which special token is `bos`, `eos`, `pad` or `unk`.
        min_frequency: How often a pair must occur to be merged.
        alphabet: Ids of the 256 single bytes: `byte` (byte b has id b) or `gpt2` (the order of
            GPT-2's characters).
        level: `byte` learns merges; `char` and `word` list characters or words.
        init: The vocabulary to extend. Its alphabet, pattern and special tokens stay.
        superwords: The number of tokens from which on words may be joined. `pattern` is then the
            one with superwords.
        prune: How many tokens of `init` to take out first: those that the corpus uses least.

    Raises:
        ArgumentError: An option is out of range, or two contradict each other.
    """

    vocab_size: int
    pattern: str | None = None
    special_tokens: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    min_frequency: int = 1
    alphabet: Alphabet = "byte"
    level: Level = "byte"
    init: Opened | None = None
    superwords: int | None = None
    prune: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("vocab_size", "min_frequency"):
            self._set(name, checks.whole(name, getattr(self, name), 1, checks.MAX_COUNT))
        self._set(
            "superwords", checks.maybe_whole("superwords", self.superwords, 1, checks.MAX_COUNT)
        )
        self._set("prune", checks.whole("prune", self.prune, 0, checks.MAX_COUNT))
        if self.init is not None:
            self._continue(self.init.core)
        elif self.prune:
            raise ArgumentError("there is no vocabulary to prune", hint=Suggestion("give {init}"))
        for text in checks.strings("special_tokens", self.special_tokens):
            checks.plain("special_tokens", text)
        checks.choice("alphabet", self.alphabet, get_args(Alphabet))
        object.__setattr__(self, "pattern", pattern_of(self.level, self.pattern))
        if self.superwords is not None and self.level == "byte" and self.init is None:
            self._set("pattern", _with_superwords(self.pattern or ""))
        missing = [text for text in self.roles.values() if text not in self.special_tokens]
        specials = (*self.special_tokens, *dict.fromkeys(missing))
        object.__setattr__(self, "special_tokens", specials)
        vocab_files.check_roles(self.roles, specials)
        # Whether as many tokens can be taken out, the corpus will show.
        room = self.vocab_size + self.prune
        _core.check_options({**self.for_core(), "vocab_size": room})

    def warn(self) -> None:
        """Warn about special tokens that other tools decode differently."""
        if self.level == "byte":
            old = self.init.core.special_tokens if self.init else {}
            vocab_files.warn_of_special_tokens(
                [text for text in self.special_tokens if text not in old]
            )

    def for_core(self) -> dict[str, object]:
        """Return the options as the core takes them."""
        options = {each.name: getattr(self, each.name) for each in fields(self)}
        del options["roles"]
        return {**options, "init": self.init and self.init.core}

    def record(self) -> dict[str, object]:
        """Return the options as `training.json` has them."""
        options = {
            "vocab_size": self.vocab_size,
            "pattern": self.pattern,
            "special_tokens": list(self.special_tokens),
            "roles": dict(self.roles),
            "min_frequency": self.min_frequency,
            "alphabet": self.alphabet,
            "level": self.level,
            **super().record(),
        }
        if self.superwords is not None:
            options["superwords"] = self.superwords
        if self.init is None:
            return options
        core = self.init.core
        digest = hashlib.sha256(core.to_tokenizer_json()).hexdigest()
        init = {"tokens": len(core), "tokenizer_sha256": digest}
        if self.prune:
            init["prune"] = self.prune
        return {**options, "init": init}

    def _continue(self, core: _core.Tokenizer) -> None:
        """Take over what a vocabulary that is extended decides."""
        if self.pattern not in (None, core.pattern):
            raise ArgumentError(
                "the vocabulary that is extended has its own pattern",
                hint=Suggestion("leave {pattern} out"),
            )
        known = {**core.special_tokens, **core.added_tokens}
        self._set("pattern", core.pattern)
        self._set("special_tokens", tuple(dict.fromkeys((*known, *self.special_tokens))))


def _with_superwords(pattern: str) -> str:
    """Return the pattern with superwords."""
    found = _core.pattern_with_superwords(pattern)
    if found is None:
        able = ", ".join(filter(_core.pattern_with_superwords, _core.PATTERNS))
        raise ArgumentError(
            f"cannot join the words of the pattern {pattern!r}",
            parameter="superwords",
            hint=Suggestion(f"{{pattern}} may be one of {able}"),
        )
    return found


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
        pruned: What was left of the vocabulary that was extended, if tokens were taken out.
    """

    tokenizer: _core.Tokenizer
    options: TrainOptions
    totals: Mapping[str, int]
    counts_sha256: str
    merge_counts: Sequence[int]
    counts: _core.PretokenCounts
    pipeline: Recorded | None = None
    pruned: TrimmedVocab | None = None

    @property
    def settings(self) -> Settings:
        """The settings of the vocabulary: those of the one it extends."""
        if self.pruned is not None:
            return self.pruned.opened.settings
        return self.options.init.settings if self.options.init else NO_SETTINGS

    def tokens_before_and_after(self) -> tuple[int, int]:
        """Return how many tokens the corpus takes in the vocabulary that was extended, and now."""
        init = self.options.init
        before = 0 if init is None else _core.count_tokens(init.core, self.counts)
        return before, _core.count_tokens(self.tokenizer, self.counts)

    def tokens_with_and_without_superwords(self) -> tuple[int, int]:
        """Return how many tokens the corpus takes, and how many in a vocabulary without superwords.

        That is as large, and learned for this.
        """
        words = _core.pattern_without_superwords(self.options.pattern or "")
        without = replace(self.options, pattern=words, superwords=None)
        counts = self.counts.divided(words or "")
        core, _ = _core.train(counts, without.for_core(), lambda done, total: None)
        with_superwords = _core.count_tokens(self.tokenizer, self.counts)
        return with_superwords, _core.count_tokens(core, counts)

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
        vocab_files.write_all([self.contents(Path(path))])

    def contents(self, path: Path) -> vocab_files.Contents:
        """Return what `save` writes; a directory for it is made."""
        if not vocab_files.means_directory(path):
            return vocab_files.contents(self.tokenizer, path, {})
        tokenizer_json = self.tokenizer.to_tokenizer_json()
        training = vocab_files.to_json(self._training(tokenizer_json, path))
        files, remove = vocab_files.directory(
            tokenizer_json, path, self.options.roles, training, self.settings
        )
        if self.pruned is not None:
            old = self.pruned.old_ids
            old_ids = old + array("q", [-1]) * (len(self.tokenizer) - len(old))
            table = path / vocab_files.OLD_IDS
            files[table] = old_ids_table(self.tokenizer, old_ids, table)
        return vocab_files.Contents(files, remove)

    def _training(self, tokenizer_json: bytes, folder: Path) -> dict[str, object]:
        return {
            "format": vocab_files.TRAINING_FORMAT,
            "version": 1,
            "tool": {"version": _core.__version__, "unicode": _core.UNICODE_VERSION},
            "options": self.options.record(),
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
    spill: Spill | None = None,
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
        spill: Keeps the counts within a limit on memory, if there is one.

    Raises:
        BpeToolError: A source or a record is not valid. The message names it.
        OSError: A source cannot be read.
    """
    options.warn()
    counter, skipped = count_sources(
        sources,
        unit,
        options,
        preprocessing=preprocessing,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
        on_progress=on_progress,
        on_skip=on_skip,
        after_block=None if spill is None else spill.check,
    )
    pipeline = None if preprocessing is None else preprocessing.preprocessor.pipeline
    counts = counter.finish() if spill is None else _gathered(spill, counter)
    return learn(counts, options, on_progress, pipeline, skipped)


def _pruned(init: Opened, counts: _core.PretokenCounts, tokens: int) -> TrimmedVocab:
    """Take the tokens out of a vocabulary that the corpus uses least."""
    try:
        return trim(init, counts, max(len(init.core) - tokens, 1))
    except ArgumentError as error:
        raise ArgumentError(
            f"is {tokens:,}, and the vocabulary has {len(init.core):,} tokens, some of which "
            "always stay: single bytes, and added tokens with their parts",
            parameter="prune",
        ) from error


def _gathered(spill: Spill, counter: _core.PretokenCounter) -> _core.PretokenCounts:
    """Load all counts from the disk, if learning from them does not take too much memory."""
    total, numbers = spill.sum(counter)
    try:
        check_training(spill.memory, numbers)
        return _core.load_counts(equal([total]), spill.documents, reading([total]))
    finally:
        total.discard()


def learn(
    counts: _core.PretokenCounts,
    options: TrainOptions,
    on_progress: OnProgress | None,
    pipeline: Recorded | None = None,
    skipped: int = 0,
) -> TrainedVocab:
    """Learn merges from pretokens.

    Args:
        counts: The pretokens and their counts.
        options: What to learn.
        on_progress: See `OnProgress`.
        pipeline: What the corpus went through, to be recorded.
        skipped: How many of the documents counted are empty stand-ins for skipped records, or
            parts of a document that special tokens were cut out of.
    """

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress("merge", done, total)

    for_core, pruned = options.for_core(), None
    if options.init is not None and options.prune:
        pruned = _pruned(options.init, counts, options.prune)
        for_core["init"] = pruned.opened.core
    core, merge_counts = _core.train(counts, for_core, progress)
    digest = hashlib.sha256()
    counts.write_sorted(digest.update)
    totals = {
        "documents": counts.documents - skipped,
        "bytes": counts.bytes,
        "pretokens": counts.pretokens,
        "unique_pretokens": len(counts),
    }
    return TrainedVocab(
        core, options, totals, digest.hexdigest(), merge_counts, counts, pipeline, pruned
    )
