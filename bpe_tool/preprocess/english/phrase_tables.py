"""Reads phrase tables: which phrases to replace, by what, and in which contexts.

The format is described at the top of `lists/plain-english.tsv`; a user's table has the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from bpe_tool.errors import ArgumentError
from bpe_tool.io import small_files
from bpe_tool.preprocess.english.context import CLASSES, NEGATION, Guard
from bpe_tool.preprocess.english.inflection import plural, verb_forms

LISTS = Path(__file__).parent.parent / "lists"
#: The tables that come with the package, by name.
NAMES = ("plain-english",)

# The finder looks no further than that.
_LONGEST = 100
_MOST_WORDS = 12

# A rewrite must keep negations, and words with digits.
_KEPT = re.compile(rf"(?:{NEGATION})|\w*\d\w*")
_PHRASE = re.compile(r"\w(?:.*\w)?\Z")
_GUARD = re.compile(r"(!?)(after|before|later):(\S+)\Z")
# A mark says where the phrase stands; a guard says where to look.
_POSITIONS: dict[str, Literal["before", "after", "later"]] = {
    "after": "before",
    "before": "after",
    "later": "later",
}

# A form of a one-word verb may be an adjective ("a concurring opinion"). It counts as a verb only
# if no determiner precedes it; and a form in -ing only if a form of "be" precedes it, or an object
# follows that begins with one of these.
_DETERMINERS = "a an the my your his her its our their these those any each every some no"
_NO_DETERMINER = Guard(
    "before",
    False,
    frozenset(_DETERMINERS.split()),
)
# A phrase that ends in a preposition may share its object ("refers to and depends on").
_ENDS = "to of for in on with between about over against at upon"
_PREPOSITIONS = frozenset(_ENDS.split())
_NOT_SHARED = Guard("after", False, frozenset(("and", "or", "but", ",", "/")))
_IS = Guard("before", True, frozenset({"<be>"}))
_HAS_OBJECT = Guard(
    "after", True, frozenset({"<det>", "<number>", "it", "them", "him", "me", "us", "you"})
)


class Rewrite(NamedTuple):
    """A rewrite of one form of a phrase.

    Attributes:
        rule: The table and the entry: `"plain-english:in order to"`.
        outputs: The alternatives to write.
        guards: The conditions on the context, all of which must hold.
        after_negation: Whether it is allowed right after a negation.
    """

    rule: str
    outputs: tuple[str, ...]
    guards: tuple[Guard, ...]
    after_negation: bool


class PhraseTable(NamedTuple):
    """A phrase table.

    Attributes:
        name: The name of a built-in table, or the path as it was given.
        digest: SHA-256 of the file, in hexadecimal.
        rewrites: The rewrites of each phrase, which is in lower case with single spaces. The
            first that its context allows is used.
    """

    name: str
    digest: str
    rewrites: dict[str, list[Rewrite]]


class _Entry(NamedTuple):
    phrase: str
    outputs: tuple[str, ...]
    kind: Literal["verb", "noun", ""]
    guards: tuple[Guard, ...]


def load_table(name: str) -> PhraseTable:
    """Read a table.

    Args:
        name: One of `NAMES`, or the path of a file.

    Raises:
        ArgumentError: There is no table of this name, or a line of the file is invalid.
        OSError: The file cannot be read.
    """
    path = LISTS / f"{name}.tsv" if name in NAMES else Path(name)
    if name not in NAMES and not re.search(r"[./\\]", name) and not path.exists():
        raise ArgumentError(
            f"there is no phrase table {name!r}",
            hint=f"the tables are {', '.join(NAMES)}; anything else is the path of a file",
        )
    content = small_files.read(path, pipes=True)
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise ArgumentError(f"{name}, line {number}: not valid UTF-8") from None
    rewrites: dict[str, list[Rewrite]] = {}
    seen: dict[tuple[str, tuple[Guard, ...]], int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            entry = _parse(line.rstrip("\r"))
            first = seen.setdefault((entry.phrase, entry.guards), number)
            if first != number:
                raise ArgumentError(
                    f"{entry.phrase!r} is already in line {first}",
                    hint="put all alternatives into one line, with | between them",
                )
        except ArgumentError as error:
            raise error.at(f"{name}, line {number}") from None
        rule = f"{Path(name).stem}:{entry.phrase}"
        for phrase, outputs, guards in _forms(entry):
            rewrite = Rewrite(rule, outputs, (*entry.guards, *guards), bool(entry.kind))
            rewrites.setdefault(phrase, []).append(rewrite)
    return PhraseTable(name, hashlib.sha256(content).hexdigest(), rewrites)


def _parse(line: str) -> _Entry:
    columns = line.split("\t")
    if len(columns) not in (2, 3):
        raise ArgumentError(
            f"expected 2 or 3 columns, found {len(columns)}",
            hint="phrase, tab, alternatives with | between them, and perhaps a tab and marks",
        )
    phrase = " ".join(columns[0].lower().split())
    outputs = tuple(" ".join(output.split()) for output in columns[1].split("|"))
    if not _PHRASE.match(phrase):
        raise ArgumentError(f"the phrase {phrase!r} does not begin and end with a letter or digit")
    if len(phrase) > _LONGEST or phrase.count(" ") >= _MOST_WORDS:
        raise ArgumentError(
            f"the phrase is longer than {_LONGEST} characters or {_MOST_WORDS} words"
        )
    for output in outputs:
        if not output:
            raise ArgumentError("an alternative is empty")
        if output.lower() == phrase:
            raise ArgumentError(f"an alternative is the phrase itself: {output!r}")
        if _KEPT.findall(output.lower()) != _KEPT.findall(phrase):
            raise ArgumentError(
                f"{phrase!r} and {output!r} differ in a negation or a number",
                hint="a rewrite may not add, remove or change negations and numbers",
            )
    kind: Literal["verb", "noun", ""] = ""
    guards = []
    for mark in columns[2].split() if len(columns) == 3 else ():
        if mark == "verb":
            kind = "verb"
        elif mark == "noun":
            kind = "noun"
        else:
            guards.append(_guard(mark))
    words = phrase.split(" ")
    is_verb = kind == "verb" or words[0] in ("is", "are", "was", "were")
    if is_verb and len(words) > 1 and words[-1] in _PREPOSITIONS:
        guards.append(_NOT_SHARED)
    return _Entry(phrase, outputs, kind, tuple(guards))


def _guard(mark: str) -> Guard:
    match = _GUARD.match(mark)
    if not match:
        raise ArgumentError(
            f"unknown mark {mark!r}",
            hint="marks are verb, noun, after:, before: and later:, with or without ! in front",
        )
    tokens = match[3].split("|")
    for token in tokens:
        if token.startswith("<") and len(token) > 1 and token not in CLASSES:
            raise ArgumentError(f"unknown class {token!r}", hint=f"known are {', '.join(CLASSES)}")
    return Guard(_POSITIONS[match[2]], not match[1], frozenset(tokens))


def _forms(entry: _Entry) -> Iterator[tuple[str, tuple[str, ...], tuple[Guard, ...]]]:
    """Yield the forms of an entry, each with its outputs and the guards that it needs.

    Forms of the phrase that could be rewritten in two ways are left out.
    """
    phrases = _inflected(entry.phrase, entry.kind)
    outputs = list(zip(*(_inflected(output, entry.kind) for output in entry.outputs), strict=True))
    found: dict[str, set[tuple[str, ...]]] = {}
    for phrase, alternatives in zip(phrases, outputs, strict=True):
        found.setdefault(phrase, set()).add(alternatives)
    in_one_word = entry.kind == "verb" and " " not in entry.phrase
    forms = verb_forms(entry.phrase) if in_one_word else None
    for phrase, choices in found.items():
        if len(choices) != 1:
            continue
        alternatives = choices.pop()
        if forms is None or phrase in (forms.base, forms.third):
            yield phrase, alternatives, ()
            continue
        yield phrase, alternatives, (_NO_DETERMINER,) if phrase != forms.ing else (_IS,)
        if phrase == forms.ing:
            yield phrase, alternatives, (_NO_DETERMINER, _HAS_OBJECT)


def _inflected(text: str, kind: Literal["verb", "noun", ""]) -> list[str]:
    if kind == "verb":
        verb, *rest = text.split(" ")
        return [" ".join((form, *rest)) for form in verb_forms(verb)]
    if kind == "noun":
        *before, noun = text.split(" ")
        return [text, " ".join((*before, plural(noun)))]
    return [text]
