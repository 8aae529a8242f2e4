"""The verb `man`: manual pages, made from the help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from bpe_tool.cli import completers, options
from bpe_tool.cli.command import command

EPILOG = """\b
Examples:
  bpe-tool man encode | man -l -
  bpe-tool man inspect text | man -l -
  bpe-tool man -o ~/.local/share/man/man1
"""


@command(epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[VERB]...")
@click.option(
    "-o",
    "--output",
    cls=options.Once,
    shell_complete=completers.paths,
    metavar="DIRECTORY",
    help="Write the pages of all verbs into this directory.",
)
@click.pass_context
def man(ctx: click.Context, names: tuple[str, ...], output: str | None) -> int:
    """Print the manual page of a verb, or that of bpe-tool."""
    root = ctx.find_root()
    contexts = {tuple(each.command_path.split()[1:]): each for each in _commands(root)}
    if output is None:
        if names not in contexts:
            raise click.UsageError(f"There is no verb {' '.join(names)!r}.")
        click.echo(page(contexts[names]), nl=False)
        return 0
    if names:
        raise click.UsageError("-o writes all pages: name no verb.")
    from bpe_tool.io.atomic import AtomicFile, make_directory

    make_directory(Path(output))
    for each in contexts.values():
        with AtomicFile(Path(output, f"{_name(each)}.1")) as file:
            file.write(page(each).encode())
    return 0


def page(ctx: click.Context) -> str:
    """Return the manual page of a command, for `man`."""
    from bpe_tool import _core

    command = ctx.command
    about = _text(command.help or "")
    sentence, _, rest = about.partition("\n\n")
    lines = [
        f'.TH "{_name(ctx).upper()}" "1" "" "bpe_tool {_core.__version__}" "bpe_tool"',
        ".SH NAME",
        f"{_escaped(_name(ctx))} \\- {_escaped(' '.join(sentence.split()).rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_escaped(ctx.command_path)}",
        _escaped(" ".join(command.collect_usage_pieces(ctx))),
    ]
    if rest:
        lines += [".SH DESCRIPTION", *_paragraphs(rest)]
    if isinstance(command, click.Group):
        lines += [".SH VERBS", *_entries(_verbs(ctx, command))]
    records = [
        option.get_help_record(ctx)
        for option in command.get_params(ctx)
        if isinstance(option, click.Option)
    ]
    lines += [".SH OPTIONS", *_entries(record for record in records if record)]
    notes, examples = _notes(_text(command.epilog or ""))
    if notes:
        lines += [".SH NOTES", *_paragraphs(notes)]
    if examples:
        lines += [".SH EXAMPLES", *_paragraphs(examples)]
    if ctx.parent is not None:
        lines += [".SH SEE ALSO", f".BR {_escaped(_name(ctx.parent))} (1)"]
    return "\n".join(lines) + "\n"


def _commands(ctx: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command, and of all below it."""
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            below = ctx.command.get_command(ctx, name)
            assert below is not None, "it is listed"
            own = click.Context(below, parent=ctx, info_name=name, **below.context_settings)
            yield from _commands(own)


def _verbs(ctx: click.Context, group: click.Group) -> Iterator[tuple[str, str]]:
    for name in group.list_commands(ctx):
        below = group.get_command(ctx, name)
        assert below is not None, "it is listed"
        yield name, " ".join(_text(below.help or "").partition("\n\n")[0].split())


def _name(ctx: click.Context) -> str:
    return ctx.command_path.replace(" ", "-")


def _text(help: str) -> str:
    from inspect import cleandoc

    return cleandoc(help)


def _notes(epilog: str) -> tuple[str, str]:
    """Return what is not examples, and the lines of the examples."""
    notes, examples = [], []
    for paragraph in epilog.split("\n\n"):
        kept = paragraph.removeprefix("\b\n")
        if kept.startswith("Examples:\n"):
            examples.append("\b\n" + kept.removeprefix("Examples:\n"))
        else:
            notes.append(paragraph)
    return "\n\n".join(notes).strip("\n"), "\n\n".join(examples)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield lines of paragraphs; those that click does not wrap are not filled either."""
    for paragraph in text.split("\n\n"):
        kept = paragraph.removeprefix("\b\n")
        yield ".PP"
        if kept == paragraph:
            yield _escaped(" ".join(paragraph.split()))
            continue
        yield ".nf"
        yield from map(_escaped, kept.rstrip("\n").split("\n"))
        yield ".fi"


def _entries(records: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Iterator[str]:
    for term, about in records:
        yield ".TP"
        yield f"\\fB{_escaped(term)}\\fR"
        yield _escaped(" ".join(about.split()))


def _escaped(line: str) -> str:
    """Return a line that stands for itself: no request, no escape, and hyphens as typed."""
    line = re.sub(r"[\\]", r"\\e", line).replace("-", "\\-")
    line = line.replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha")
    line = line.replace("~", "\\(ti")
    return f"\\&{line}" if line.startswith(".") else line
