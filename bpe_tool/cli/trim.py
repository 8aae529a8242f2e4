"""The verb `trim`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bpe_tool.cli import completers, input_options, options, vocab_sizes
from bpe_tool.cli.command import command

if TYPE_CHECKING:
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.io.documents import Unit

EPILOG = """\b
Without --vocab-size, every token is removed that the text does not use, unless a token that it
does use is built from it. With --vocab-size, the least used tokens are removed first, and never one
that a remaining token is built from. Single bytes and special tokens always stay. Text that used
no removed token is encoded as before. The name of OUT selects the format, as for convert.

\b
old_ids.npy, in an output directory or where --old-ids says, has the old id of each id, as int64:
  embeddings = embeddings[numpy.load("small-gpt2/old_ids.npy")]

\b
Examples:
  bpe-tool trim -t gpt2 corpus/ -o small-gpt2
  bpe-tool trim -t my-vocab --vocab-size 16k corpus/ -o small.json --old-ids old_ids.tsv
  bpe-tool trim -t my-vocab --counts corpus.counts -o my-small-vocab
"""


@command(epilog=EPILOG)
@options.files
@options.tokenizer
@options.vocab_output
@click.option(
    "--vocab-size",
    "size",
    callback=vocab_sizes.size,
    metavar="N",
    help="Maximum number of tokens; 32k is 32000.  [default: those that are used]",
)
@click.option(
    "--counts",
    "counts_paths",
    multiple=True,
    shell_complete=completers.paths,
    metavar="FILE",
    help="Use a count file in place of text. Repeatable.",
)
@click.option(
    "--freeze-ids",
    is_flag=True,
    help="Keep the ids as they are. Entries that no text becomes stand in for removed tokens.",
)
@click.option(
    "--old-ids",
    "ids_path",
    shell_complete=completers.paths,
    metavar="FILE",
    help="Write the old id of each id: an array if FILE is NAME.npy, otherwise lines of the new "
    "id, the old one and the token, with tabs between them.",
)
@input_options.unit("default")
@input_options.inputs("binary")
@options.foreign_pattern
@options.foreign_special_tokens
@options.max_pretoken_bytes
@options.threads
@options.messages
def trim(
    files: tuple[str, ...],
    tokenizer_path: str,
    output: str,
    force: bool,
    size: int | None,
    counts_paths: tuple[str, ...],
    freeze_ids: bool,
    ids_path: str | None,
    unit: Unit | None,
    inputs: Inputs,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    max_pretoken_bytes: int,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Reduce a vocabulary to the tokens that text uses.

    FILES are as for train-vocab: files, directories, archives, globs, or - for standard input,
    which is the default.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import announce, find_sources, reading, warnings_on
    from bpe_tool.io.atomic import check_writable
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.outputs import refuse_replaced_input
    from bpe_tool.rendering.numbers import counted
    from bpe_tool.streams import trim as stream
    from bpe_tool.vocab import files as vocab_files
    from bpe_tool.vocab import old_ids

    console = Console(quiet=quiet, progress=not no_progress)
    path = Path(output)
    is_directory = vocab_files.means_directory(path)
    if output in ("", "-"):
        raise click.UsageError(f"-o must name a file or a directory, not {output!r}.")
    if freeze_ids and ids_path is not None:
        raise click.UsageError("With --freeze-ids, ids are the old ones: there are no --old-ids.")
    if counts_paths:
        input_options.refuse_beside("--counts", (*input_options.READING, "files"))
    old = vocab_files.open_vocab(tokenizer_path, pattern, options.special_token_ids(special_tokens))
    if not force:
        vocab_files.refuse_existing(path)
    check_writable(path / vocab_files.TOKENIZER if is_directory else path)
    tables = [] if ids_path is None else [Path(ids_path)]
    if is_directory and not freeze_ids:
        tables.append(path / vocab_files.OLD_IDS)
    if counts_paths:
        from bpe_tool.cli.counts import opened
        from bpe_tool.counts.trimming import load_for

        with warnings_on(console):
            counts = load_for(old.core, opened(counts_paths))
    else:
        unit = inputs.unit(unit or Unit())
        sources = find_sources(console, files, inputs.selection, unit)
        if ids_path is not None:
            refuse_replaced_input((each.path for each in sources if each.path), ids_path)
        with reading(console, sources) as on_read:
            announce(console, sources)
            counts = stream.count_sources_for(
                old.core,
                sources,
                unit,
                threads=threads,
                max_pretoken_bytes=max_pretoken_bytes,
                on_read=on_read,
            )
    done = stream.trim(old, counts, size, freeze_ids=freeze_ids)
    new = done.opened
    contents = vocab_files.contents(new.core, path, {}, new.settings)
    written = {table: old_ids.table(new.core, done.old_ids, table) for table in tables}
    vocab_files.write_all([contents], written)
    entries = ", in as many entries as before" if freeze_ids else ""
    console.notice(f"{len(old.core):,} tokens before, {counted(done.size, 'token')} now{entries}")
    before, after = done.tokens_before, done.tokens_after
    console.notice(
        f"the text takes {counted(after, 'token')}; before, it took {before:,} "
        f"({(after - before) / (before or 1):+.1%})"
    )
    for each in [path, *tables]:
        console.notice(f"wrote {each}")
    return 0
