"""The verb `completion`."""

from __future__ import annotations

import re
from collections.abc import MutableMapping

import click

from bpe_tool.cli.command import command
from bpe_tool.errors import ArgumentError

EPILOG = """\b
Examples:
  bash  eval "$(bpe-tool completion bash)"      in ~/.bashrc
  zsh   eval "$(bpe-tool completion zsh)"       in ~/.zshrc, after compinit
  fish  bpe-tool completion fish > ~/.config/fish/completions/bpe-tool.fish
"""


SHELLS = ("bash", "zsh", "fish")


@command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the script that completes verbs, options, values and file names in a shell."""
    from click.shell_completion import get_completion_class

    from bpe_tool.cli.console import PROGRAM
    from bpe_tool.cli.verbs import COMPLETE_VARIABLE, cli

    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(cli, {}, PROGRAM, COMPLETE_VARIABLE).source())
    return 0


def check_request(environment: MutableMapping[str, str]) -> None:
    """Check that it is a shell that asks what to complete, and make its words valid text.

    Raises:
        ArgumentError: It is not: the variable was set by someone else.
    """
    from bpe_tool.cli.verbs import COMPLETE_VARIABLE

    request = environment[COMPLETE_VARIABLE]
    shell, _, what = request.partition("_")
    words, number = environment.get("COMP_WORDS"), environment.get("COMP_CWORD", "")
    asks = words is not None and (shell == "fish" or re.fullmatch("[0-9]{1,9}", number))
    if shell not in SHELLS or not (what == "source" or (what == "complete" and asks)):
        raise ArgumentError(
            f"{COMPLETE_VARIABLE}={request} in the environment is no request of a shell",
            hint=f"unset {COMPLETE_VARIABLE}",
        )
    # Shells complete file names themselves, of any bytes.
    for name in ("COMP_WORDS", "COMP_CWORD"):
        if name in environment:
            environment[name] = environment[name].encode(errors="replace").decode()
