"""The verb `inspect` and its reports."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import click

from bpe_tool.cli import input_options, options
from bpe_tool.cli.command import CONTEXT, VerbGroup
from bpe_tool.cli.inspect_options import examples, patterns, tokenizers
from bpe_tool.cli.serve import serve

if TYPE_CHECKING:
    from bpe_tool.cli.input_options import Inputs
    from bpe_tool.inspect.report import Report
    from bpe_tool.io.documents import Unit
    from bpe_tool.tokenizer import Special

EPILOG = """\b
Each report goes to standard output, as text or, with --json, as one line of JSON whose fields
bpe_tool/inspect/README.md describes. --html FILE writes a page instead.

\b
Examples:
  bpe-tool inspect text -t my-vocab < text.txt
  bpe-tool inspect vocab -t my-vocab --html vocab.html
"""


@click.group(cls=VerbGroup, context_settings=dict(CONTEXT), epilog=EPILOG)
def inspect() -> None:
    """Report on vocabularies, and on how they tokenize text."""


inspect.add_command(serve)

outputs = options.decorated(
    click.option("--json", "as_json", is_flag=True, help="Write JSON."),
    click.option("--html", "html_path", metavar="FILE", help="Write an HTML page instead."),
)

limit = click.option(
    "--limit",
    type=options.number(0),
    default=50,
    metavar="N",
    help="Maximum number of tokens to list.  [default: 50]",
)


def show(report: Report, as_json: bool, html_path: str | None, about: str) -> None:
    """Write a report as text, JSON or a page. `about` is the subtitle of a page."""
    from bpe_tool.cli.session import command_line
    from bpe_tool.io.outputs import StandardOutput, open_output
    from bpe_tool.rendering.terminal import render, shows_colour

    if html_path is not None:
        page = report.to_html(about, command_line())
        with open_output(html_path) as out:
            out.write(page)
    if as_json:
        StandardOutput().write(report.to_json())
    elif html_path is None:
        shown = render(report.view(), colour=shows_colour(None))
        StandardOutput().write(shown.encode())


@inspect.command(
    "text",
    context_settings=dict(CONTEXT),
    epilog=examples(
        "text", "-t my-vocab < text.txt", "-t my-vocab -t gpt2.json text.txt --html tokens.html"
    ),
)
@options.files
@tokenizers
@click.option(
    "--special",
    type=click.Choice(["text", "token", "error"]),
    default="text",
    help="How to treat the text of a special token: as plain text, as the token, or as an error.  "
    "[default: text]",
)
@patterns
@options.foreign_special_tokens
@outputs
def text(
    files: tuple[str, ...],
    paths: tuple[str, ...],
    special: Special,
    patterns: tuple[str, ...],
    special_tokens: tuple[str, ...],
    as_json: bool,
    html_path: str | None,
) -> int:
    """Show how one or more tokenizers split a text.

    FILES are as for encode; together they are one text.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import announce
    from bpe_tool.cli.vocabularies import load_all
    from bpe_tool.inspect.text import text_report
    from bpe_tool.io.files import Selection, expand
    from bpe_tool.rendering.split import MOST_BYTES

    cores = load_all(paths, patterns, special_tokens)
    sources = expand(files, Selection())
    announce(Console(), sources)
    content = bytearray()
    for block in chain.from_iterable(source.blocks() for source in sources):
        content += block
        if len(content) > MOST_BYTES:
            break  # a text that is too long is refused without being read to its end
    show(text_report(cores, bytes(content), special), as_json, html_path, ", ".join(cores))
    return 0


@inspect.command(
    "vocab",
    context_settings=dict(CONTEXT),
    epilog=examples(
        "vocab",
        "-t my-vocab --html vocab.html",
        "-t cl100k_base.tiktoken --pattern cl100k --grep '^ [A-Z]+$'",
        "-t my-vocab --tree ' beautiful'",
    ),
)
@options.tokenizer
@click.option(
    "--find", callback=options.utf8, metavar="TEXT", help="List the tokens that contain this text."
)
@click.option(
    "--grep", callback=options.utf8, metavar="REGEX", help="List the tokens that match a regex."
)
@click.option("--id", "id", type=options.number(0), metavar="ID", help="Show one token.")
@click.option(
    "--tree",
    callback=options.utf8,
    metavar="TOKEN",
    help="Show the merges that build a token, given by its text or as '#ID'.",
)
@limit
@options.foreign_pattern
@options.foreign_special_tokens
@outputs
def vocab(
    tokenizer_path: str,
    find: str | None,
    grep: str | None,
    id: int | None,
    tree: str | None,
    limit: int,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    as_json: bool,
    html_path: str | None,
) -> int:
    """Describe a vocabulary, or find tokens in it."""
    from bpe_tool.cli.tokens import token_id
    from bpe_tool.inspect.search import search_report, tree_report
    from bpe_tool.inspect.vocab import vocab_report
    from bpe_tool.inspect.vocab_arrays import VocabArrays
    from bpe_tool.vocab import files as vocab_files

    if sum(wanted is not None for wanted in (find or grep, id, tree)) > 1:
        raise click.UsageError("Give --find and --grep, or --id, or --tree.")
    core = vocab_files.load(tokenizer_path, pattern, options.special_token_ids(special_tokens))
    vocabulary = VocabArrays(core)
    report: Report
    if find is not None or grep is not None:
        report = search_report(vocabulary, find, grep, limit)
    elif id is not None or tree is not None:
        chosen = id if tree is None else token_id(core, tree)
        assert chosen is not None
        report = tree_report(vocabulary, chosen, limit)
    else:
        report = vocab_report(vocabulary)
    show(report, as_json, html_path, tokenizer_path)
    return 0


@inspect.command(
    "lint",
    context_settings=dict(CONTEXT),
    epilog=examples(
        "lint",
        "-t my-vocab --strict",
        "-t o200k_base.tiktoken --pattern o200k --json",
        "-t my-vocab --counts all.counts",
    ),
)
@options.tokenizer
@click.option(
    "--counts",
    "counts_paths",
    multiple=True,
    metavar="FILE",
    help="Count file of what the vocabulary was learned from: replay its merges against it, and "
    "name those of pairs that were not the most frequent, or never occur, and tokens that hardly "
    "remain in it. Repeatable.",
)
@click.option("--strict", is_flag=True, help="Exit with code 1 if there is an error or a warning.")
@options.foreign_pattern
@options.foreign_special_tokens
@outputs
def lint(
    tokenizer_path: str,
    counts_paths: tuple[str, ...],
    strict: bool,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    as_json: bool,
    html_path: str | None,
) -> int:
    """Check a vocabulary for errors and surprises."""
    from bpe_tool.inspect.lint import lint_report
    from bpe_tool.inspect.vocab_arrays import VocabArrays
    from bpe_tool.vocab import files as vocab_files

    specials = options.special_token_ids(special_tokens)
    core = vocab_files.load(tokenizer_path, pattern, specials)
    against = None
    if counts_paths:
        from bpe_tool.counts.stored import StoredCounts
        from bpe_tool.counts.verifying import loaded

        against = loaded(core, [StoredCounts.open(path) for path in counts_paths])
    report = lint_report(VocabArrays(core), against)
    show(report, as_json, html_path, tokenizer_path)
    return int(strict and not report.clean)


@inspect.command(
    "diff",
    context_settings=dict(CONTEXT),
    epilog=examples(
        "diff", "old-vocab new-vocab", "old-vocab gpt2.json corpus.txt --html diff.html"
    ),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@options.files
@patterns
@options.foreign_special_tokens
@input_options.unit("default: --lines")
@outputs
def diff(
    a: str,
    b: str,
    files: tuple[str, ...],
    patterns: tuple[str, ...],
    special_tokens: tuple[str, ...],
    unit: Unit | None,
    as_json: bool,
    html_path: str | None,
) -> int:
    """Compare the vocabularies A and B, and how they split the records of FILES."""
    from bpe_tool.cli.vocabularies import load_all, short_names
    from bpe_tool.inspect.diff import diff_report
    from bpe_tool.inspect.inputs import records
    from bpe_tool.inspect.vocab_arrays import VocabArrays
    from bpe_tool.io.documents import Unit
    from bpe_tool.io.files import Selection, expand

    cores = load_all((a, b), patterns, special_tokens)
    one, other = map(VocabArrays, cores.values())
    sources = expand(files, Selection()) if files else []
    names = short_names([source.name for source in sources])
    texts = {names[source.name]: list(records(source, unit or Unit(b"\n"))) for source in sources}
    about = "A: {}, B: {}".format(*cores)
    show(diff_report(one, other, texts), as_json, html_path, about)
    return 0


@inspect.command(
    "corpus",
    context_settings=dict(CONTEXT),
    epilog=examples(
        "corpus",
        "-t my-vocab corpus.txt",
        "-t my-vocab en.txt de.txt hi.txt --reference en.txt --html corpus.html",
    ),
)
@options.files
@options.tokenizer
@click.option(
    "--reference",
    metavar="FILE",
    help="File to compare the others with.  [default: the one that costs least]",
)
@options.foreign_pattern
@options.foreign_special_tokens
@input_options.unit("default: --lines")
@input_options.inputs("binary")
@click.option(
    "--limit",
    type=options.number(0),
    default=20,
    metavar="N",
    help="Maximum number of words and tokens to list of each kind.  [default: 20]",
)
@outputs
@options.threads
@options.messages
def corpus(
    files: tuple[str, ...],
    tokenizer_path: str,
    reference: str | None,
    pattern: str | None,
    special_tokens: tuple[str, ...],
    unit: Unit | None,
    inputs: Inputs,
    limit: int,
    as_json: bool,
    html_path: str | None,
    threads: int,
    quiet: bool,
    no_progress: bool,
) -> int:
    """Measure how a tokenizer encodes the records of FILES.

    Each file is a group, such as a language. Files with equal numbers of records are taken for
    translations of each other, line by line.
    """
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import announce, find_sources, reading
    from bpe_tool.cli.vocabularies import short_names
    from bpe_tool.inspect.corpus.measures import Measures
    from bpe_tool.inspect.corpus.summary import corpus_report
    from bpe_tool.inspect.inputs import batches
    from bpe_tool.inspect.vocab_arrays import VocabArrays
    from bpe_tool.io.documents import Unit
    from bpe_tool.rendering.escape import escape
    from bpe_tool.vocab import files as vocab_files

    specials = options.special_token_ids(special_tokens)
    core = vocab_files.load(tokenizer_path, pattern, specials)
    found = Measures(VocabArrays(core), threads=threads)
    console = Console(quiet=quiet, progress=not no_progress)
    unit = inputs.unit(unit or Unit(b"\n"))
    sources = find_sources(console, files, inputs.selection, unit)
    names = short_names([source.name for source in sources])
    with reading(console, sources) as on_read:
        announce(console, sources)
        found.add_all(
            (names[source.name], batch)
            for source in sources
            for batch in batches(source, unit, on_read)
        )
    chosen = None if reference is None else names.get(reference, escape(reference))
    about = f"{', '.join(names.values())}, encoded with {tokenizer_path}"
    show(corpus_report(found, chosen, limit), as_json, html_path, about)
    return 0
