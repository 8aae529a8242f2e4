"""The command `bpe-tool` and its verbs."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import click

from bpe_tool.cli.command import CONTEXT
from bpe_tool.runtime import memory, signals

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: The verbs in the order of help. Each has a module of its name, which is imported only
#: when the verb is used.
VERBS = {
    "train-vocab": "Learn a vocabulary from text.",
    "trim": "Reduce a vocabulary to what text uses.",
    "counts": "Count corpora in parts, and add the counts up.",
    "encode": "Convert text to ids.",
    "decode": "Convert ids back to text.",
    "count": "Count the tokens of files; check a budget.",
    "truncate": "Cut text off after a number of tokens.",
    "chunk": "Cut text into chunks of a number of tokens.",
    "preprocess": "Clean text before it is tokenized.",
    "batch": "Make batches for training from ids.",
    "shards": "Inspect, verify and rewrite shards of ids.",
    "inspect": "Report on vocabularies, and on how they tokenize text.",
    "convert": "Convert a vocabulary to another format.",
    "completion": "Print the script that completes commands in a shell.",
    "man": "Print manual pages.",
}

EPILOG = """\b
Examples:
  bpe-tool train-vocab corpus/ --vocab-size 32000 -o my-vocab
  bpe-tool encode -t my-vocab < text.txt > ids.txt
  bpe-tool decode -t my-vocab < ids.txt
  bpe-tool preprocess --expand-contractions --lowercase < text.txt
  bpe-tool batch --pack best-fit --length 2048 --pad 0 < ids.txt

\b
Exit codes: 0 done · 1 finished, but records were skipped or a check failed · 2 usage ·
  3 bad input data · 4 bad vocabulary file · 5 a file is missing, unreadable or unwritable ·
  6 a limit was hit · 70 a bug · 130 interrupted · 143 terminated

\b
Environment:
  BPE_TOOL_TOKENIZER  the vocabulary, where -t is required and not given
  BPE_TOOL_THREADS    the number of threads, where --threads is not given
  BPE_TOOL_VOCABS     a directory of vocabularies that -t finds by name
  NO_COLOR            no colours; FORCE_COLOR or CLICOLOR_FORCE: colours also in pipes

\b
Shell completion (in the startup file of bash or zsh; for fish see bpe-tool completion -h):
  eval "$(bpe-tool completion bash)"
"""

#: In this variable, shells say what they want to complete.
COMPLETE_VARIABLE = "_BPE_TOOL_COMPLETE"


class LazyGroup(click.Group):
    """A group that imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb."""
        if cmd_name not in VERBS:
            # A shell that completes shows no errors.
            if not ctx.resilient_parsing and not cmd_name.startswith("-"):
                close = get_close_matches(cmd_name, VERBS, 1)
                suggestion = f" Did you mean {close[0]}?" if close else ""
                ctx.fail(f"There is no verb {cmd_name!r}.{suggestion}")
            return None
        if signals.is_watching():
            memory.watch()
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"bpe_tool.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a verb without importing any."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        from click.shell_completion import CompletionItem

        return [
            CompletionItem(verb, help=about)
            for verb, about in VERBS.items()
            if verb.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _show_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import unicodedata

    from bpe_tool import _core

    click.echo(f"bpe-tool {_core.__version__}")
    click.echo(f"core {_core.__version__}, Unicode {_core.UNICODE_VERSION}")
    click.echo(f"Python's unicodedata, Unicode {unicodedata.unidata_version}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings=dict(CONTEXT),
    subcommand_metavar="VERB [OPTIONS] [FILES]...",
    options_metavar="",
    epilog=EPILOG,
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the versions of the tool, its core and their Unicode tables.",
)
def cli() -> None:
    """Byte-level BPE tokenization, from raw text to training batches."""
