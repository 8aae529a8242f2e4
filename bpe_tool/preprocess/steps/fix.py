"""Repairs text that was decoded with the wrong encoding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.character_edits import trimmed
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"[^ \n]+")


@dataclass(frozen=True, kw_only=True)
class Fix(Step):
    """Repairs mojibake with ftfy: `schÃ¶n` becomes `schön`.

    It also repairs surrogate pairs, and control characters that are meant as in Windows-1252.
    Quotes, entities, line ends and normal forms are left to other steps. Each line is judged
    as a whole and by itself: the same word may be right in one and wrong in another. Needs the
    extra `fix`.
    """

    name: ClassVar[str] = "fix"
    by_line = True
    #: The result of ftfy can look like mojibake again.
    idempotent: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _fixer()

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each repaired word, or for the line where words are not enough."""
        fix = _fixer()
        edits: list[Edit] = []
        if text.isascii():
            return edits
        for match in _LINE.finditer(text):
            line, start = match[0], match.start()
            if line.isascii() or (fixed := fix(line)) == line:
                continue
            # An edit for each word, if the words by themselves give the same result.
            words = [(word.span(), fix(word[0])) for word in _WORD.finditer(line)]
            spans = [(start + first, start + last, new) for (first, last), new in words]
            if _WORD.sub("", line) + " ".join(new for _, new in words) != _WORD.sub(
                "", line
            ) + " ".join(_WORD.findall(fixed)):
                spans = [(start, match.end(), fixed)]
            found = (trimmed(text, *span, "mojibake") for span in spans)
            edits += [edit for edit in found if edit is not None]
        return edits

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if text.isascii():
            return text
        fix = _fixer()
        return "\n".join(line if line.isascii() else fix(line) for line in text.split("\n"))

    def data_digests(self) -> dict[str, str]:
        """Return the version of ftfy."""
        from importlib.metadata import version

        return {"ftfy": version("ftfy")}


@cache
def _fixer() -> Callable[[str], str]:
    """Return the function of ftfy for one line, with the options that only repair."""
    try:
        import ftfy
    except ImportError:
        raise ArgumentError(
            "fixing text needs ftfy, which is not installed", hint="pip install 'bpe-tool[fix]'"
        ) from None
    config = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    return lambda line: ftfy.fix_text(line, config)


def fix(text: str) -> str:
    """Repair mojibake with ftfy.

    Args:
        text: The text to change.

    Raises:
        ArgumentError: ftfy is not installed.

    >>> fix("Das ist schÃ¶n, sagte sie.")
    'Das ist schön, sagte sie.'
    """
    return applied(Fix, text)
