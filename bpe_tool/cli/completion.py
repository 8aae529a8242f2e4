"""The verb `completion`."""

from __future__ import annotations

import click

from bpe_tool.cli.command import command

EPILOG = """\b
Examples:
  bash  eval "$(bpe-tool completion bash)"      in ~/.bashrc
  zsh   eval "$(bpe-tool completion zsh)"       in ~/.zshrc, after compinit
  fish  bpe-tool completion fish > ~/.config/fish/completions/bpe-tool.fish
"""


@command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that completes verbs, options, values and file names in a shell."""
    from click.shell_completion import get_completion_class

    from bpe_tool.cli.console import PROGRAM
    from bpe_tool.cli.verbs import COMPLETE_VARIABLE, cli

    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(cli, {}, PROGRAM, COMPLETE_VARIABLE).source())
    return 0
