"""Decides what 'd stands for: would, had or did."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpe_tool.preprocess.contractions import lexicon
from bpe_tool.preprocess.contractions.context import BREAKS, END, STOPS, skip_adverbs
from bpe_tool.preprocess.contractions.reading import Verdict

_HAD_OBJECTS = (
    lexicon.ARTICLES
    | lexicon.POSSESSIVES
    | lexicon.NUMBERS
    | lexicon.words("no nothing something everything little few some plenty lots to")
)
#: Before a clause in the past perfect.
_HAD_BEFORE = lexicon.words("wish wished after since only though until till")
_NO_DID = frozenset({"be", "have", "like", "love", "rather", "prefer"})


def pronoun_d(host: str, after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide for a pronoun or a question word."""
    if host in lexicon.WH_HOSTS and (
        after[0] in lexicon.SUBJECTS | lexicon.DETERMINERS | lexicon.INDEFINITES
    ):
        return _question(host, after)
    if host in ("why", "how", "when") and after[0].isalpha() and after[0] not in lexicon.BASES:
        return _question(host, after)
    if before[0] == "if" and host != "you" and after[0] in lexicon.SAME_PARTICIPLES:
        return _had("had-if", 0.65)
    return _by_verb(after, before)


def noun_d(host: str, after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide for a noun; without a verb after it, it is no contraction."""
    at = skip_adverbs(after)
    verb = after[at]
    if verb in ("be", "have", "better", "rather", "like") or (
        verb in lexicon.BASES or verb in lexicon.IRREGULAR_PARTICIPLES
    ):
        found = _by_verb(after, before)
        return Verdict(
            found.meaning, "noun-" + found.rule, min(found.confidence, 0.8), found.others
        )
    return Verdict("", "no-verb", 0.8)


@lru_cache(maxsize=1 << 14)
def by_next_word(word: str) -> Verdict | None:
    """Decide by the word after a pronoun + 'd, if it settles the matter."""
    if (
        word in lexicon.SAME_PARTICIPLES
        or word in ("rather", "sooner")
        or lexicon.is_adverb(word)
        or any(word == first for first, _ in lexicon.PHRASES)
    ):
        return None
    return _by_verb([word, END, END], [END, END])


def _by_verb(after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide by the form of the verb that follows."""
    for at in range(skip_adverbs(after) + 1):
        if after[at] == "rather" or after[at : at + 3] == ["just", "as", "soon"]:
            return _would("would-rather", 0.97)
        if after[at] == "sooner" and after[at - 1] != "no":
            return _would("would-rather", 0.9)
    at = skip_adverbs(after)
    verb = after[at]
    if verb in ("better", "best"):
        return _had("had-better", 0.95)
    if verb in lexicon.SAME_PARTICIPLES:
        if any(word in _HAD_BEFORE for word in before[:3]):
            return _had("had-clause", 0.7)
        if any(word in lexicon.PERFECT_ADVERBS or word == "just" for word in after[:at]):
            return _had("had-adverb", 0.75)
        return _would("would-infinitive", 0.7)
    if lexicon.is_participle(verb) or ("-" in verb and verb.endswith("ed")):
        return _had("had-participle", 0.97)
    if verb in lexicon.PAST_ONLY:
        return _had("had-past", 0.8)
    if verb in _HAD_OBJECTS and verb not in ("little", "few"):
        return _had("had-object", 0.8)
    if verb in BREAKS:
        return _would("would-ellipsis", 0.7)
    return _would("would-infinitive", 0.97)


def _question(host: str, after: Sequence[str]) -> Verdict:
    """Decide for "how'd you …" and "where'd the dog …"."""
    simple = after[0] in lexicon.SUBJECTS | lexicon.INDEFINITES
    at = 1
    if not simple:
        # The subject is a noun phrase: look for a verb among the next words.
        for place in (1, 2, 3):
            if place < len(after) - 1 and after[place] in lexicon.BASES | {"been"}:
                at = place
                break
    at = skip_adverbs(after, min(at, len(after) - 1))
    verb = after[at]
    if verb == "been" or (lexicon.is_participle(verb) and simple):
        return Verdict("had", "had-inverted", 0.8, ("did", "would"))
    conditional = "if" in after and not any(
        word in STOPS - {END} for word in after[: after.index("if")]
    )
    past = verb in ("like", "love", "have") and _past_like(after[at + 1 :])
    if verb in _NO_DID and not past:
        return Verdict("would", "would-inverted", 0.85, ("did",))
    if conditional:
        return Verdict("would", "would-if", 0.7, ("did",))
    return Verdict("did", "did-inverted", 0.85, ("would",))


def _past_like(after: Sequence[str]) -> bool:
    """Tell whether "how'd you like …" asks how something was, not for a wish."""
    return after[0] in ("the", "your", "his", "her", "my", "our", "that")


def _had(rule: str, confidence: float) -> Verdict:
    return Verdict("had", rule, confidence, ("would",))


def _would(rule: str, confidence: float) -> Verdict:
    return Verdict("would", rule, confidence, ("had",))
