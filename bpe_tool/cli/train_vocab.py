"""The verb `train-vocab`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bpe_tool.cli import completers, input_options, options, token_rules, vocab_sizes
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit
    from bpe_tool.streams.count_pretokens import Level
    from bpe_tool.streams.preprocess_block import Errors
    from bpe_tool.streams.train import Alphabet, TrainedVocab

EPILOG = """\b
-o NAME.json writes a tokenizer.json, -o NAME.tiktoken a tiktoken file, -o merges.txt that
file and vocab.json. Any other -o is a directory, which also gets settings for transformers
and a record of the training.
The result depends only on the documents and the options, not on the number of threads or the
order of the files.

\b
Patterns: cl100k (default), gpt2, o200k, llama3, qwen2, qwen3.5, tekken, kimi-k2, digits-gpt2,
deepseek-coder, deepseek-v2, deepseek-v3, bloom, whitespace, none, or any regex. The first
seven can have superwords.

\b
Examples:
  bpe-tool train-vocab corpus/ --vocab-size 32000 -o my-vocab
  bpe-tool train-vocab corpus/ --vocab-size 8k,16k,32k --merges-tsv merges.tsv -o my-vocabs
  bpe-tool train-vocab docs.ndjson.zst --ndjson text --vocab-size 50000 --eos '</s>' -o my-vocab
  bpe-tool train-vocab corpus/ --vocab-size 32k --superwords 24k -o my-vocab
  bpe-tool train-vocab icelandic/ --init gpt2 --vocab-size +5k -o gpt2-icelandic
  bpe-tool train-vocab a.txt b.txt --vocab-size 8000 --pattern gpt2 --alphabet gpt2 -o tok.json
"""


def role(name: str, what: str) -> options.Decorator:
    """Return the option that gives a special token a role."""
    text = f"The special token {what}; added if it is missing."
    return click.option(f"--{name}", callback=options.utf8, metavar="TEXT", help=text)


@command(epilog=EPILOG)
@options.files
@click.option(
    "--vocab-size",
    "size_options",
    callback=vocab_sizes.sizes,
    required=True,
    metavar="N[,N]...",
    help="Number of tokens: the 256 bytes, merges and special tokens together. 32k is 32000. "
    "Several sizes, as in 8k,16k,32k, give a vocabulary each, in OUT/SIZE or NAME-SIZE.json. "
    "+5k is 5000 more than --init has.",
)
@options.vocab_output
@click.option(
    "--pattern",
    shell_complete=completers.patterns,
    callback=options.utf8,
    metavar="P",
    help="Split pattern: a name or a regex.  [default: cl100k]",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    callback=options.utf8,
    metavar="TEXT",
    help="A text that is always one token; excluded from learning. Repeatable.",
)
@role("bos", "at the beginning of a text")
@role("eos", "at the end of a text")
@role("pad", "for padding")
@role("unk", "for unknown text")
@click.option(
    "--min-frequency",
    type=options.number(1),
    default=1,
    metavar="N",
    help="Minimum number of occurrences of a pair to be merged.  [default: 1]",
)
@token_rules.rules
@click.option(
    "--alphabet",
    type=click.Choice(["byte", "gpt2"]),
    default="byte",
    help="Ids of the single bytes: byte b is id b, or GPT-2's order.  [default: byte]",
)
@click.option(
    "--level",
    type=click.Choice(["byte", "char", "word"]),
    help="Learn byte-level BPE, or list characters or words.  [default: byte]",
)
@click.option(
    "--merges-tsv",
    metavar="FILE",
    help="Write a table of the merges: their counts, the bytes per token up to each, and the most "
    "frequent words it comes from.",
)
@click.option(
    "--from-counts",
    "counts_path",
    metavar="FILE",
    help="Learn from a count file, and from FILES, which are count files then. Pattern, level and "
    "special tokens are theirs.",
)
@options.pipeline(
    "Preprocess each document with the steps of this file. Each document is then held in memory: "
    "a whole file, unless --lines or the like is given."
)
@options.errors
@options.workers
@input_options.unit("default")
@input_options.inputs("binary")
@options.max_pretoken_bytes
@options.memory
@options.threads
@options.messages
def train_vocab(
    files: tuple[str, ...],
    size_options: tuple[tuple[bool, int], ...],
    output: str,
    force: bool,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    bos: str | None,
    eos: str | None,
    pad: str | None,
    unk: str | None,
    min_frequency: int,
    rules: dict[str, Any],
    alphabet: Alphabet,
    level: Level | None,
    merges_tsv: str | None,
    counts_path: str | None,
    pipeline_path: str | None,
    errors: Errors | None,
    workers: int,
    unit: Unit | None,
    inputs: Inputs,
    max_pretoken_bytes: int,
    memory: int | None,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Learn a vocabulary from text.

    FILES are files, directories, globs, or - for standard input, which is the default.
    Compressed files (.gz, .zst, .bz2, .xz) and archives (.zip, .tar, .tar.gz) are read as they
    are. Of directories, hidden and binary files are left out.
    """
    from contextlib import ExitStack
    from dataclasses import replace

    from bpe_tool.cli.console import Console
    from bpe_tool.cli.pipelines import stream_preprocessor
    from bpe_tool.cli.session import Skips, announce, find_sources, warnings_on
    from bpe_tool.io.atomic import check_writable
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import refuse_replaced_input
    from bpe_tool.streams.spill import Spill
    from bpe_tool.streams.train import TrainOptions, train
    from bpe_tool.vocab import files as vocab_files

    console = Console(quiet=quiet, progress=not no_progress)
    counted = None
    if counts_path is not None:
        from bpe_tool.cli.counts import opened
        from bpe_tool.counts.stored import described
        from bpe_tool.counts.training import special_tokens_of

        input_options.refuse_beside("--from-counts", input_options.READING)
        with warnings_on(console):
            counted = opened((counts_path, *files))
            what = described(counted)
        # A vocabulary to extend has its own pattern, perhaps by another name.
        if rules["init"] is None:
            pattern = pattern or what.pattern
        level = level or what.level
        special_tokens = special_tokens_of(what, special_tokens)
    level = level or "byte"
    init = rules["init"]
    sizes = vocab_sizes.resolved(size_options, len(init.core) if init else None)
    roles = {"bos": bos, "eos": eos, "pad": pad, "unk": unk}
    training = TrainOptions(
        vocab_size=sizes[-1],
        pattern=pattern,
        special_tokens=special_tokens,
        roles={role: text for role, text in roles.items() if text is not None},
        min_frequency=min_frequency,
        alphabet=alphabet,
        level=level,
        **rules,
    )
    skips = Skips(console)
    unit = inputs.unit(unit or Unit())
    preprocessing = stream_preprocessor(
        console, pipeline_path, unit, errors, workers, vocab=training.special_tokens, skips=skips
    )
    sources = []
    if counted is None:
        sources = find_sources(console, files, inputs.selection, unit)
    path = Path(output)
    if output in ("", "-"):
        raise click.UsageError(f"-o must name a file or a directory, not {output!r}.")
    if training.roles and not vocab_files.means_directory(path):
        console.warning(
            "the roles of special tokens are kept in a directory only",
            f"-o {path.stem} writes them, too",
        )
    if level != "byte" and path.suffix in (".tiktoken", ".txt"):
        raise click.UsageError(f"--level {level} has no merges, which {path.name} is made of.")
    if level != "byte" and merges_tsv is not None:
        raise click.UsageError(f"--level {level} has no merges for --merges-tsv.")
    # Each size is checked as if it was the only one.
    for size in sizes[:-1]:
        replace(training, vocab_size=size)
    targets = vocab_sizes.outputs(output, sizes)
    for target in map(Path, targets.values()):
        directory = vocab_files.means_directory(target)
        if not force:
            vocab_files.refuse_existing(target)
        check_writable(target / vocab_files.TOKENIZER if directory else target)
    if merges_tsv is not None:
        refuse_replaced_input((each.path for each in sources if each.path), merges_tsv)
        if Path(merges_tsv).resolve() in [Path(each).resolve() for each in targets.values()]:
            raise click.UsageError("--merges-tsv and -o name the same file.")
        if not force and Path(merges_tsv).is_file():
            raise click.UsageError(f"{merges_tsv} exists. --force replaces it.")
        check_writable(Path(merges_tsv))
    announce(console, sources)
    with warnings_on(console), console.progress() as bars, ExitStack() as stack:
        spill = None
        if memory is not None:
            spill = stack.enter_context(Spill(memory, path.with_name(f"{path.name}.counts")))
        if counted is not None:
            from bpe_tool.counts.training import train_from_counts

            vocab = train_from_counts(counted, training, bars.update)
        else:
            vocab = train(
                sources,
                unit,
                training,
                preprocessing=preprocessing,
                threads=threads,
                max_pretoken_bytes=max_pretoken_bytes,
                on_progress=bars.update,
                on_skip=skips.add,
                spill=spill,
            )
    of_sizes = [
        (vocab if size == sizes[-1] else vocab.with_vocab_size(size)).contents(Path(out))
        for size, out in targets.items()
    ]
    table = {} if merges_tsv is None else {Path(merges_tsv): vocab.merges_table()}
    vocab_files.write_all(of_sizes, table)
    _summarize(console, vocab, list(targets.values()))
    return skips.exit_code()


def _summarize(console: Console, vocab: TrainedVocab, outputs: list[str]) -> None:
    from bpe_tool.rendering.numbers import counted

    size, asked, totals = len(vocab.tokenizer), vocab.options.vocab_size, vocab.totals
    if vocab.exhausted:
        console.warning(
            f"the corpus yields only {counted(size, 'token')}, fewer than the {asked:,} requested",
            "use more text, a smaller --min-frequency or another --pattern",
        )
    console.notice(
        f"read {counted(totals['documents'], 'document')}, {counted(totals['bytes'], 'byte')}, "
        f"{counted(totals['pretokens'], 'pretoken')} ({totals['unique_pretokens']:,} unique)"
    )
    console.notice(
        f"learned {counted(size, 'token')}, {len(vocab.tokenizer.special_tokens):,} of them special"
    )
    if vocab.options.init is not None:
        before, after = vocab.tokens_before_and_after()
        console.notice(
            f"the text takes {counted(after, 'token')}; with {len(vocab.options.init.core):,} "
            f"tokens in the vocabulary it took {before:,} ({(after - before) / (before or 1):+.1%})"
        )
    if vocab.options.superwords is not None and console.shows_notices:
        after, before = vocab.tokens_with_and_without_superwords()
        console.notice(
            f"the text takes {counted(after, 'token')}, {totals['bytes'] / (after or 1):.2f} bytes "
            f"each; a vocabulary as large without superwords makes {before:,}, "
            f"{totals['bytes'] / (before or 1):.2f} bytes each"
        )
    for output in outputs:
        console.notice(f"wrote {output}")
    if Path(output).suffix not in (".tiktoken", ".txt"):
        again = "" if vocab.pipeline is None else f" --pipeline {shlex.quote(output)}"
        console.notice(f"try: echo 'some text' | bpe-tool encode -t {shlex.quote(output)}{again}")
