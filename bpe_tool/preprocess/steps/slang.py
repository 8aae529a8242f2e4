"""Writes informal spellings out in full: "gonna" as "going to", "goin'" as "going".

A step of its own, since this is a matter of taste and contractions are not. The table only has
spellings with one meaning: "u" and "r" are also letters, and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from bpe_tool.preprocess.apostrophes import APOSTROPHES, STRAIGHT
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.protected import Protected
from bpe_tool.preprocess.step import Step, applied

#: Spellings, with straight apostrophes, and their full forms.
SLANG = {
    "alotta": "a lot of", "betcha": "bet you", "c'mon": "come on",
    "coulda": "could have", "couldna": "could not have", "cuppa": "cup of", "didja": "did you",
    "didntcha": "did you not", "dontcha": "do you not", "dunno": "do not know", "finna": "going to",
    "gimme": "give me", "gonna": "going to", "gotcha": "got you", "gotta": "got to",
    "hafta": "have to", "hasta": "has to", "imma": "I am going to", "innit": "is it not",
    "kinda": "kind of", "lemme": "let me", "lotsa": "lots of", "lotta": "lot of",
    "mighta": "might have", "musta": "must have", "outta": "out of", "oughta": "ought to",
    "prolly": "probably", "shoulda": "should have", "shouldna": "should not have",
    "sorta": "sort of", "tryna": "trying to", "useta": "used to", "wanna": "want to",
    "wassup": "what is up", "whatcha": "what are you", "whaddya": "what do you",
    "whatsup": "what is up", "woulda": "would have", "wouldna": "would not have",
    "s'pose": "suppose", "s'posed": "supposed", "y'know": "you know",
    "'bout": "about", "'cause": "because", "'cos": "because", "'coz": "because", "'em": "them",
    "'fraid": "afraid", "'kay": "okay", "'nother": "another", "'nuff": "enough",
    "'round": "around", "'til": "until", "'neath": "beneath",
}  # fmt: skip
_STEMS = """
    anyth ask barg be begg bleed bluff blow break bring build burn buy call car carry cav catch
    cheat chas clean climb com cook cry cuss danc darl do dream drink driv dy eat even everyth
    expect fall feel fight figur fish fix fly foll follow fool forgett freez frigg fuck gett
    giv go grow guess hang hat hav head hear help hid hitt hold hop hunt hurt jok jump keep
    kick kidd kill know laugh lay leav lett lick lift listen liv look los lov ly mak mean mess
    mind miss morn mov noth pay pick play prais pull push putt rain read rid ring rock roll
    runn say scream see sell send shak shin shoot show shutt sing sitt sleep slipp smil smok
    someth sneak speak spend spy stand star start stay steal stick stopp struggl suffer swear
    swimm swing tak talk teach tell think throw touch travel try turn us wait wak walk want
    wash wast watch wear whistl winn wish wonder work worry writ yell
"""
#: The words that are clipped from -ing to -in', without this ending.
CLIPPED = frozenset(_STEMS.split())
_A = f"[{APOSTROPHES}]"
_PLAIN = sorted((word for word in SLANG if "'" not in word), key=lambda word: (-len(word), word))
_INNER = sorted(word for word in SLANG if "'" in word[1:])
_FRONT = sorted((word[1:] for word in SLANG if word[0] == "'"), key=lambda word: (-len(word), word))
_PATTERN = re.compile(
    rf"\b(?:{'|'.join(_PLAIN)})\b(?!{_A}\w)"
    rf"|\b(?:{'|'.join(word.replace(chr(39), _A) for word in _INNER)})\b"
    rf"|(?<!\w){_A}(?:{'|'.join(_FRONT)})\b(?!{_A})",
    re.IGNORECASE,
)
_CLIPPED_END = re.compile(rf"(?<=in){_A}(?!\w)", re.IGNORECASE)
_CLIPPED_WORD = re.compile(rf"(?<![\w{APOSTROPHES}])[a-z]+$", re.IGNORECASE)
#: No word of `CLIPPED` is longer than this.
_LONGEST = 10


@dataclass(frozen=True, kw_only=True)
class ExpandSlang(Step):
    """Write informal spellings out in full: gonna, wanna, dunno, 'em, goin' and the like.

    Case is kept: "GONNA" becomes "GOING TO". URLs, e-mail addresses, code and handles are left
    alone, and so are words in single quotes, since 'em' may be a name.
    """

    name: ClassVar[str] = "expand_slang"
    by_line = True

    def edits(self, text: str) -> list[Edit]:
        """Return one edit for each informal spelling."""
        protected = Protected(text)
        spans = sorted([*(match.span() for match in _PATTERN.finditer(text)), *_clipped(text)])
        return [
            Edit(start, end, _expand(text[start:end]), "slang")
            for start, end in spans
            if not protected.overlaps(start, end)
        ]

    def apply(self, text: str) -> str:
        """Return the text with its informal spellings written out."""
        edits = self.edits(text)
        return apply_edits(text, edits) if edits else text


def expand_slang(text: str) -> str:
    """Write informal spellings out in full.

    Args:
        text: The text to change.

    Returns:
        The changed text, or the same object if nothing changes.

    >>> expand_slang("I dunno, we're gonna see 'em.")
    "I do not know, we're going to see them."
    """
    return applied(ExpandSlang, text)


def _clipped(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of words like goin'."""
    for match in _CLIPPED_END.finditer(text):
        at = match.start()
        # One character more, to see whether the word begins there.
        from_ = max(0, at - _LONGEST - 1)
        word = _CLIPPED_WORD.search(text[from_:at])
        if word and word[0][:-2].lower() in CLIPPED:
            yield from_ + word.start(), match.end()


@lru_cache(maxsize=1 << 12)
def _expand(word: str) -> str:
    known = word.translate(STRAIGHT).lower()
    full = SLANG.get(known) or f"{known[:-1]}g"
    letters = [letter for letter in word if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return full.upper()
    return full[0].upper() + full[1:] if letters[0].isupper() else full
