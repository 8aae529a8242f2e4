"""What steps that change characters share: edits of runs, spaces left over, many lines at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bpe_tool.preprocess.character_classes import BLANKS
from bpe_tool.preprocess.edits import Edit

_SPACES = re.compile(f"[{BLANKS}]+")


def stretches(text: str, results: Iterable[str], rule: str) -> list[Edit]:
    """Return one edit for each maximal stretch of changed characters.

    Args:
        text: What is changed.
        results: What stands for each of its characters, in order.
        rule: The rule of the edits.
    """
    edits: list[Edit] = []
    changed: list[str] = []
    start = 0
    for at, (character, result) in enumerate(zip(text, results, strict=True)):
        if character != result:
            if not changed:
                start = at
            changed.append(result)
        elif changed:
            edits.append(Edit(start, at, "".join(changed), rule))
            changed = []
    if changed:
        edits.append(Edit(start, len(text), "".join(changed), rule))
    return edits


def trimmed(text: str, start: int, end: int, new: str, rule: str) -> Edit | None:
    """Return the edit that puts `new` at a place, without what stays at its two ends.

    Returns:
        None if nothing changes.
    """
    old = text[start:end]
    if old == new:
        return None
    most = min(len(old), len(new))
    front = next((at for at in range(most) if old[at] != new[at]), most)
    most -= front
    back = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    return Edit(start + front, end - back, new[front : len(new) - back], rule)


def with_spaces(text: str, done: int, start: int, end: int) -> tuple[int, int]:
    """Return the span of something that is removed, with the spaces that would be left over.

    After a space, or at the start of a line, the spaces behind it go along; if there are none,
    those before it.

    Args:
        text: The text.
        done: Where the last removal ended.
        start: Where this one begins.
        end: Where it ends.
    """
    before = start
    while before > done and _SPACES.match(text[before - 1]):
        before -= 1
    if before < start or start == done or text[start - 1] in "\r\n":
        behind = _SPACES.match(text, end)
        if behind:
            return start, behind.end()
        if before and text[before - 1] not in "\r\n":
            return before, end
    return start, end


def through_lines(texts: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change many texts in one call, where `change` treats every line by itself.

    ASCII texts go apart from others, so that each can be changed the faster way. Texts that
    hold line feeds are changed one by one.
    """
    results = list(texts)
    places: tuple[list[int], list[int]] = ([], [])
    for place, text in enumerate(texts):
        places[text.isascii()].append(place)
    for some in filter(None, places):
        joined = "\n".join([texts[place] for place in some])
        if joined.count("\n") == len(some) - 1:
            changed = change(joined).split("\n")
        else:
            changed = [change(texts[place]) for place in some]
        for place, text in zip(some, changed, strict=True):
            results[place] = text
    return results
