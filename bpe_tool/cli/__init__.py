"""The command line: `bpe-tool VERB [OPTIONS] [FILES…]`.

`main` turns errors into messages and exit codes. Nothing else does.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from bpe_tool.cli.console import PROGRAM, Console
from bpe_tool.cli.standard_streams import standard_streams
from bpe_tool.cli.verbs import COMPLETE_VARIABLE, cli
from bpe_tool.errors import BpeToolError, BpeToolWarning, InternalError, LimitError
from bpe_tool.runtime import memory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The arguments after the program's name; by default, those of this process.

    Returns:
        The exit code; README.md lists their meanings.
    """
    with standard_streams(), warnings.catch_warnings():
        warnings.simplefilter("always", BpeToolWarning)
        warnings.showwarning = partial(_warn, warnings.showwarning)
        try:
            try:
                if os.environ.get(COMPLETE_VARIABLE):
                    from bpe_tool.cli.completion import check_request

                    check_request(os.environ)
                given = sys.argv[1:] if arguments is None else list(arguments)
                result = cli.main(given, prog_name=PROGRAM, standalone_mode=False, obj=tuple(given))
            except SystemExit:
                # Click exits this way when help meets a closed pipe, and after shell completion.
                result = 0
            if sys.stdout is not None:
                sys.stdout.flush()
            return int(result or 0)
        except BaseException as error:
            return _report(error)


def _warn(
    show: Callable[..., None],
    message: Warning | str,
    category: type[Warning],
    *place: Any,  # noqa: ANN401 - as `warnings` calls it
    **more: Any,  # noqa: ANN401
) -> None:
    """Show a warning of the package that comes before a verb has its own console."""
    if not issubclass(category, BpeToolWarning):
        show(message, category, *place, **more)
        return
    context = click.get_current_context(silent=True)
    Console(quiet=context is not None and bool(context.params.get("quiet"))).warning(str(message))


def _report(error: BaseException) -> int:
    """Show what went wrong; return the exit code."""
    console = Console()
    match error:
        case BrokenPipeError():
            return 0
        case KeyboardInterrupt() | click.Abort():
            return 128 + signal.SIGINT
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return 2
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else PROGRAM
            console.error(error.format_message(), f"for help: {command} -h")
            return 2
        case BpeToolError() if not isinstance(error, InternalError):
            console.error(str(error), error.hint)
            return error.exit_code
        case _ if memory.is_short(error):
            # The frames of the traceback hold on to memory.
            error.__traceback__ = None
            console.error(memory.WHAT, memory.HINT)
            return memory.EXIT_CODE
        case RuntimeError() if "can't start new thread" in str(error):
            console.error(
                "the system refuses to start a thread",
                "the number of processes may be limited, or memory may be short",
            )
            return LimitError.exit_code
        case OSError():
            where = ""
            if error.filename is not None:
                # A name can be empty, such as an unset shell variable.
                where = f"{os.fsdecode(error.filename) or repr('')}: "
            console.error(f"{where}{error.strerror or error}")
            return 5
    frames = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frames)
    console.error(
        f"internal error: {type(error).__name__}: {error}{place}",
        f"this is a bug in {PROGRAM}; please report it with the command, this message and "
        f"the output of {PROGRAM} --version",
    )
    return InternalError.exit_code
