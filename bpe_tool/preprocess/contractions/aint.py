"""Decides what ain't stands for, by its subject and the word after it."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.preprocess.contractions import lexicon
from bpe_tool.preprocess.contractions.context import BREAKS, skip_adverbs
from bpe_tool.preprocess.contractions.perfect import participle
from bpe_tool.preprocess.contractions.reading import Verdict

_BE = {"i": "am", "you": "are", "we": "are", "they": "are", "ye": "are", "y'all": "are"}
_PLURALS = lexicon.words(
    "these those people folks kids children men women guys some both many all others most"
)
_SINGULARS = lexicon.words(
    "this that it he she there here what who which is as us always news yes nobody nothing"
)
_STATES = lexicon.STATES | lexicon.words("born made built known hurt lost finished allowed")


def aint(after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide what ain't stands for. The meaning includes "not"."""
    at = skip_adverbs(before)
    subject = before[at]
    inverted = False
    if subject in BREAKS or subject in lexicon.CONJUNCTIONS or subject in lexicon.WH_HOSTS:
        follows = after[0]
        if follows in lexicon.SUBJECTS or follows in ("this", "that", "these", "those", "there"):
            subject, after, inverted = follows, after[1:], True
    be = _form_of_be(subject, before[at + 1 :])
    have = "has" if be == "is" else "have"
    verb_at = skip_adverbs(after)
    verb = after[verb_at]
    rule = "aint-inverted" if inverted else "aint"
    others = (f"{have} not", "do not" if have == "have" else "does not")
    if _perfect(verb, after[verb_at + 1 :], after[:verb_at]):
        return Verdict(f"{have} not", rule + "-have", 0.85, (f"{be} not",))
    return Verdict(f"{be} not", rule + "-be", 0.85, others)


def _perfect(verb: str, after: Sequence[str], adverbs: Sequence[str]) -> bool:
    if verb in ("been", "got", "gotten", "had", "become", "come", "gone", "never"):
        return True
    if "never" in adverbs and lexicon.is_participle(verb) and verb not in _STATES:
        return True
    if verb in _STATES or not lexicon.is_participle(verb):
        return verb in lexicon.SAME_PARTICIPLES and after[0] in lexicon.OBJECT_STARTS
    if verb in lexicon.IRREGULAR_PARTICIPLES and verb not in ("done", "gotta"):
        return after[0] not in ("by", "of", "as")
    if verb == "done":
        return after[0] not in BREAKS and after[0] not in ("with", "yet")
    return participle(verb, after, ["\n"], "he", adverbs).meaning == "has"


def _form_of_be(subject: str, before: Sequence[str]) -> str:
    if subject in _BE:
        return "are" if subject == "i" and before[0] == "and" else _BE[subject]
    if subject in _SINGULARS or not subject.isalpha():
        return "is"
    if before[0] == "and" or before[1:2] == ["and"]:
        return "are"
    if subject in _PLURALS:
        return "are"
    plural = len(subject) > 3 and subject.endswith("s") and not subject.endswith(("ss", "us", "is"))
    return "are" if plural else "is"
