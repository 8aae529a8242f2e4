"""The command line as its users meet it: as processes."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "bpe_tool"]
END = "<|endoftext|>"
TEXT = b"It was the best of times,\r\nit was the worst.\n\n\xff\x00 caf\xc3\xa9 <|endoftext|>"


def run(*arguments: object, stdin: bytes = b"", **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, check=False, **options
    )


def ok(*arguments: object, stdin: bytes = b"", **options: object) -> bytes:
    """The output of a command that succeeds without a word."""
    return succeeded(run(*arguments, stdin=stdin, **options))


def fails(code: int, *arguments: object, stdin: bytes = b"", **options: object) -> str:
    """The message of a command that ends with this exit code and writes nothing."""
    return failed(code, run(*arguments, stdin=stdin, **options))


def succeeded(done: subprocess.CompletedProcess) -> bytes:
    """The output of a command that ended without a word."""
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def failed(code: int, done: subprocess.CompletedProcess) -> str:
    """The message of a command that ended with this exit code and wrote nothing."""
    message = done.stderr.decode()
    assert done.returncode == code, message
    assert done.stdout == b""
    assert message.startswith("bpe-tool: error: ")
    assert "Traceback" not in message
    return message


def train(*arguments: object, **options: object) -> str:
    """What `train-vocab` says when it succeeds."""
    done = run("train-vocab", *arguments, **options)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    return done.stderr.decode()
