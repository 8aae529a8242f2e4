"""The command line: `bpe-tool VERB [OPTIONS] [FILES…]`.

`main` is the one place where errors become messages and exit codes.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from bpe_tool.cli.names import with_options
from bpe_tool.cli.verbs import cli
from bpe_tool.console import PROGRAM, Console
from bpe_tool.errors import ArgumentError, BpeToolError, BpeToolWarning, InternalError, LimitError


class Stopped(BaseException):
    """A signal asks the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Those after the program's name; by default those of this process.

    Returns:
        The exit code; README.md lists what each means.
    """
    _occupy_closed_streams()
    with _signals(), _warnings():
        try:
            try:
                result = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False)
            except SystemExit:
                # Click ends so when help meets a closed pipe, and after shell completion.
                result = 0
            if sys.stdout is not None:
                sys.stdout.flush()
            return int(result or 0)
        except BaseException as error:
            given = sys.argv[1:] if arguments is None else arguments
            return _report(error, list(given))
        finally:
            _forget_unwritten_output()


def _report(error: BaseException, arguments: list[str]) -> int:
    """Say what went wrong with a command of these arguments; return the exit code."""
    console = Console()
    match error:
        case BrokenPipeError():
            return 0
        case Stopped():
            return error.exit_code
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
            message = str(error)
            if isinstance(error, ArgumentError):
                message = with_options(message, arguments)
            console.error(message, error.hint and with_options(error.hint, arguments))
            return error.exit_code
        case OSError():
            where = ""
            if error.filename is not None:
                # A name can be empty, as that of a shell's variable that is not set.
                where = f"{os.fsdecode(error.filename) or repr('')}: "
            console.error(f"{where}{error.strerror or error}")
            return 5
        case MemoryError():
            console.error("not enough memory", "a smaller input or fewer threads need less")
            return LimitError.exit_code
    frames = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in frames)
    console.error(
        f"internal error: {type(error).__name__}: {error}{place}",
        f"this is a bug of {PROGRAM}; please report it with the command, this message and "
        f"the output of {PROGRAM} --version",
    )
    return InternalError.exit_code


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the signals that ask a program to end into an exception.

    Signals that the process was told to ignore stay ignored.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        # Another one must not disturb the cleaning up.
        for each in changed:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    defaults: dict[signal.Signals, Callable[..., object] | signal.Handlers] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    changed: list[signal.Signals] = []
    for number, default in defaults.items():
        if signal.getsignal(number) is default:
            changed.append(number)
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, defaults[number])


@contextmanager
def _warnings() -> Iterator[None]:
    """Say the warnings of the package as messages, unless the verb was told to be quiet."""
    with warnings.catch_warnings():
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:  # noqa: ANN401 - as `warnings` calls it
            if not issubclass(category, BpeToolWarning):
                show(message, category, *place, **more)
                return
            context = click.get_current_context(silent=True)
            quiet = context is not None and bool(context.params.get("quiet"))
            Console(quiet=quiet).warning(str(message))

        warnings.simplefilter("always", BpeToolWarning)
        warnings.showwarning = say
        yield


def _occupy_closed_streams() -> None:
    """Open the standard streams that are closed, on nothing.

    Otherwise the next file opened would take their place, and get what is written there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _forget_unwritten_output() -> None:
    """Keep the interpreter from failing at its end over output that nobody reads."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
