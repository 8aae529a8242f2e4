"""The command line called in this process, which takes milliseconds: see `commands` for the rest.

Standard input and output are files here, not pipes.
"""

import sys
import tempfile
from subprocess import CompletedProcess

import pytest
from commands import failed, succeeded

from bpe_tool.cli import main


def run(*arguments: object, stdin: bytes = b"") -> CompletedProcess:
    arguments = list(map(str, arguments))
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as data,
        tempfile.TemporaryFile() as said,
        pytest.MonkeyPatch.context() as patch,
    ):
        given.write(stdin)
        given.seek(0)
        for name, file in (("stdin", given), ("stdout", data), ("stderr", said)):
            mode = "r" if name == "stdin" else "w"
            stream = open(file.fileno(), mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            patch.setattr(sys, name, stream)
        code = main(arguments)
        sys.stderr.flush()
        for file in (data, said):
            file.seek(0)
        return CompletedProcess(arguments, code, data.read(), said.read())


def ok(*arguments: object, stdin: bytes = b"") -> bytes:
    return succeeded(run(*arguments, stdin=stdin))


def fails(code: int, *arguments: object, stdin: bytes = b"") -> str:
    return failed(code, run(*arguments, stdin=stdin))
