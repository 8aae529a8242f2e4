r"""Tokens written as text, one a line, in tables and lists.

Printable characters stand for themselves. `\t`, `\n`, `\r`, `\\` and `\xNN`, one byte each, stand
for all else; so does `\x22` for a quotation mark, at which readers of tables would stumble.
"""

from __future__ import annotations

import re
from pathlib import Path

from bpe_tool.errors import DataError
from bpe_tool.io import small_files

NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\\": r"\\", '"': r"\x22"}
BYTES = {r"\t": b"\t", r"\n": b"\n", r"\r": b"\r", r"\\": b"\\"}

ESCAPE = re.compile(rb"\\(?:x[0-9A-Fa-f]{2}|[tnr\\]|(.?))", re.DOTALL)


def escape(token: bytes) -> str:
    r"""Write a token as text on one line.

    >>> escape(b"\tna\xc3\xafve \xff")
    '\\tnaïve \\xff'
    """
    text = token.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\" not in text and '"' not in text:
        return text
    return "".join(map(_escaped, text))


def unescape(text: bytes) -> bytes:
    r"""Return the token that a text stands for.

    >>> unescape(rb"\tna\xc3\xafve \xff")
    b'\tna\xc3\xafve \xff'

    Raises:
        DataError: There is a backslash before something else.
    """

    def meant(match: re.Match[bytes]) -> bytes:
        found = match[0].decode("latin-1")
        if found in BYTES:
            return BYTES[found]
        if match[1] is not None:
            raise DataError(
                rf"{found!r} is no escape; \t, \n, \r, \\ and \xNN are",
                hint=r"write a backslash as \\",
            )
        return bytes([int(found[2:], 16)])

    return ESCAPE.sub(meant, text)


def read_tokens(path: Path) -> list[bytes]:
    """Read a list of tokens, one a line. Empty lines are left out.

    Raises:
        DataError: A line is not valid. The message names it.
        OSError: The file cannot be read.
    """
    tokens = []
    for number, line in enumerate(small_files.read(path).split(b"\n"), 1):
        try:
            token = unescape(line.removesuffix(b"\r"))
        except DataError as error:
            raise error.at(f"{path}: line {number}") from None
        if token:
            tokens.append(token)
    return tokens


def _escaped(char: str) -> str:
    if char in NAMED:
        return NAMED[char]
    if char.isprintable():
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
