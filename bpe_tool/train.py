"""Training: learn a vocabulary from texts or files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bpe_tool import checks
from bpe_tool.io.documents import unit_of
from bpe_tool.io.files import expand, selection_of
from bpe_tool.streams.count_pretokens import Level
from bpe_tool.streams.count_texts import count_texts
from bpe_tool.streams.train import Alphabet, OnProgress, TrainedVocab, TrainOptions, learn
from bpe_tool.streams.train import train as train_stream
from bpe_tool.tokenizer import Text, Tokenizer
from bpe_tool.vocab.opening import Opened

if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline


def train_vocab(
    texts: Iterable[Text],
    *,
    vocab_size: int,
    pattern: str | None = None,
    special_tokens: Iterable[str] = (),
    min_frequency: int = 1,
    max_token_bytes: int | None = None,
    max_token_chars: int | None = None,
    whole_characters: bool = False,
    blocked_tokens: Iterable[Text] = (),
    allowed_tokens: Iterable[Text] | None = None,
    seed_tokens: Iterable[Text] = (),
    init: Tokenizer | None = None,
    superwords: int | None = None,
    prune: int = 0,
    alphabet: Alphabet = "byte",
    level: Level = "byte",
    pipeline: Pipeline | None = None,
    threads: int = 0,
    on_progress: OnProgress | None = None,
) -> Tokenizer:
    """Learn a vocabulary from texts. Each text is one document.

    Training repeatedly merges the most frequent pair of adjacent tokens. Among equally
    frequent pairs, the one with the smaller ids is merged first. The result depends only on
    the documents and the options: neither the order of the documents nor `threads` changes it.

    Args:
        texts: The documents, `str` or `bytes`. They are read once, some ahead while others are
            counted, and not kept in memory.
        vocab_size: Number of tokens: alphabet, merges and special tokens.
        pattern: How text is split into pretokens: the name of a pattern, or a regex.
            Default: `cl100k`. The levels `char` and `word` define their own pattern.
        special_tokens: Texts that become one token each, in the order of their ids.
        min_frequency: How often a pair must occur to be merged.
        max_token_bytes: The maximum length of a token in bytes. No limit by default.
        max_token_chars: The maximum length of a token in characters. A character counts even if
            only some of its bytes are in the token. No limit by default.
        whole_characters: Make only tokens that are whole characters, or a part of one.
        blocked_tokens: Tokens that are not made. Longer ones that contain them may be.
        allowed_tokens: The only tokens that are made; those they are made of must be among them.
        seed_tokens: Tokens that come first, whatever their counts, with the tokens they are made
            of. The limits do not apply to them. Each must be one pretoken.
        init: A vocabulary of byte-level BPE to extend. Its tokens, special ones too, keep their
            ids, and its pattern is used. New ids follow all of its own.
        superwords: From this number of tokens on, or when words yield no more of them, tokens may
            be several words: words with single spaces or apostrophes between them become one
            pretoken, and a token holds at most four.
            The pattern must be `cl100k`, `gpt2`, `o200k`, `llama3`, `qwen2`, `qwen3.5` or
            `tekken`; that of the tokenizer is then its twin, such as `cl100k-superwords`.
            All runs of words that differ are kept in memory: about as much text as the corpus.
        prune: How many tokens of `init` to take out first, to make room: those that the texts use
            least, as in `trim`. Other ids then close the gaps, in their order.
        alphabet: Ids of the 256 single bytes: `byte` (byte b has id b), or `gpt2` (the order
            of GPT-2's characters).
        level: `byte` learns merges; `char` and `word` list characters or words.
        pipeline: A pipeline that preprocesses each document first, but for its special tokens.
            Texts given as `bytes` must then be UTF-8.
        threads: Number of threads; 0 uses every CPU available to the process.
        on_progress: Called several times a second with the phase (`"read"`, in bytes, or
            `"merge"`, in units of work), the amount done, and the total (`None` if unknown).

    Returns:
        The tokenizer. It has fewer than `vocab_size` tokens if the corpus is too small.

    Raises:
        ArgumentError: An argument is out of range, or two contradict each other.
        ArgumentTypeError: An argument or a text has the wrong type.
        PatternError: `pattern` cannot be parsed, or cannot be written to a `tokenizer.json`.
        DataError: A text is not valid: a `str` holds a lone surrogate, or `bytes` that a
            pipeline gets are not UTF-8.
        LimitError: A pretoken is longer than 64 MiB, or matching takes too much work.

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
        max_token_chars=max_token_chars,
        whole_characters=whole_characters,
        blocked_tokens=blocked_tokens,
        allowed_tokens=allowed_tokens,
        seed_tokens=seed_tokens,
        init=opened_to_extend(init),
        superwords=superwords,
        prune=prune,
        alphabet=alphabet,
        level=level,
    )
    options.warn()
    counter, cuts = count_texts(texts, options, pipeline=pipeline, threads=threads)
    return tokenizer_of(learn(counter.finish(), options, on_progress, pipeline, cuts))


def train_vocab_from_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    vocab_size: int,
    lines: bool = False,
    separator: str | bytes | None = None,
    ndjson: str | None = None,
    column: str | None = None,
    binary: bool = False,
    pattern: str | None = None,
    special_tokens: Iterable[str] = (),
    min_frequency: int = 1,
    max_token_bytes: int | None = None,
    max_token_chars: int | None = None,
    whole_characters: bool = False,
    blocked_tokens: Iterable[Text] = (),
    allowed_tokens: Iterable[Text] | None = None,
    seed_tokens: Iterable[Text] = (),
    init: Tokenizer | None = None,
    superwords: int | None = None,
    prune: int = 0,
    alphabet: Alphabet = "byte",
    level: Level = "byte",
    pipeline: Pipeline | None = None,
    threads: int = 0,
    on_progress: OnProgress | None = None,
) -> Tokenizer:
    """Learn a vocabulary from files. By default, each file is one document.

    Files are read in blocks. Memory grows only with the number of distinct pretokens; with a
    pipeline, one document at a time is also held as a whole.

    Args:
        paths: Files, also compressed ones (`.gz`, `.zst`, `.bz2`, `.xz`) and archives (`.zip`,
            `.tar`); directories, for the text files below them; globs.
        vocab_size: See `train_vocab`.
        lines: Each line is a document, without its line end.
        separator: The documents of a file are separated by this text.
        ndjson: Each line is a JSON object, and this field of it a document: a string. A name
            such as `messages.0.content` is a path to it.
        column: The same for files that hold records by their names: `.csv`, `.tsv`, `.parquet`,
            `.arrow`, `.json`, `.ndjson`, `.jsonl`. Other files are text.
        binary: Read bytes as they are, whatever they look like. Otherwise, what is not text is
            refused or, below directories, left out.
        pattern: See `train_vocab`, as for all arguments below.
        special_tokens: See `train_vocab`.
        min_frequency: See `train_vocab`.
        max_token_bytes: See `train_vocab`.
        max_token_chars: See `train_vocab`.
        whole_characters: See `train_vocab`.
        blocked_tokens: See `train_vocab`.
        allowed_tokens: See `train_vocab`.
        seed_tokens: See `train_vocab`.
        init: See `train_vocab`.
        superwords: See `train_vocab`.
        prune: See `train_vocab`.
        alphabet: See `train_vocab`.
        level: See `train_vocab`.
        pipeline: See `train_vocab`. The files must then be UTF-8.
        threads: See `train_vocab`.
        on_progress: See `train_vocab`.

    Returns:
        The tokenizer; see `train_vocab`.

    Raises:
        DataError: A file is not text, or not valid, such as damaged compressed data. The message
            names it.
        OSError: A file is missing or cannot be read, or changed while it was read.

    It also raises what `train_vocab` raises.
    """
    threads, pipeline = _checked(threads, pipeline, on_progress)
    options = TrainOptions(
        vocab_size=vocab_size,
        pattern=pattern,
        special_tokens=checks.strings("special_tokens", special_tokens),
        min_frequency=min_frequency,
        max_token_bytes=max_token_bytes,
        max_token_chars=max_token_chars,
        whole_characters=whole_characters,
        blocked_tokens=blocked_tokens,
        allowed_tokens=allowed_tokens,
        seed_tokens=seed_tokens,
        init=opened_to_extend(init),
        superwords=superwords,
        prune=prune,
        alphabet=alphabet,
        level=level,
    )
    unit = unit_of(lines=lines, separator=separator, ndjson=ndjson, column=column)
    selection = selection_of(unit, binary=binary, refused="binary")
    names = checks.files("paths", paths)
    preprocessing = None
    if pipeline is not None:
        from bpe_tool.streams.preprocess import cutting

        preprocessing = cutting(pipeline, unit, options.special_tokens)
    learned = train_stream(
        expand(names, selection),
        unit,
        options,
        preprocessing=preprocessing,
        threads=threads,
        on_progress=on_progress,
    )
    return tokenizer_of(learned)


def opened_to_extend(init: Tokenizer | None) -> Opened | None:
    """Return the vocabulary to extend."""
    if init is None:
        return None
    checks.instance("init", init, Tokenizer, "a Tokenizer")
    return Opened(init._core, init._settings)


def tokenizer_of(learned: TrainedVocab) -> Tokenizer:
    """Return what was learned, with the settings of the vocabulary it extends."""
    return Tokenizer._of(Opened(learned.tokenizer, learned.settings))


def _checked(
    threads: int, pipeline: Pipeline | None, on_progress: OnProgress | None
) -> tuple[int, Pipeline | None]:
    """Check the arguments that `TrainOptions` does not hold."""
    if pipeline is not None:
        from bpe_tool.preprocess.pipeline import Pipeline

        checks.instance("pipeline", pipeline, Pipeline, "a Pipeline")
    if on_progress is not None and not callable(on_progress):
        raise checks.wrong_type("on_progress", on_progress, "a function")
    return checks.whole("threads", threads, most=checks.MAX_THREADS), pipeline
