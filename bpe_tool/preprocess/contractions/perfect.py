"""Decides between "is" and "has" before a participle.

English has no form that tells them apart: "it's broken" is a state, "it's broken the
window" a deed. The rules ask what follows the participle (an object makes it a deed), what
its verb is like (most verbs without objects have no passive), and whether words of time
(since, so far, recently) ask for a perfect.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpe_tool.preprocess.contractions import lexicon
from bpe_tool.preprocess.contractions.context import BREAKS, STOPS, skip_adverbs
from bpe_tool.preprocess.contractions.lexicon import is_adverb
from bpe_tool.preprocess.contractions.reading import Verdict

_SURE = frozenset({"been", "got", "gotten", "had", "become"})
_GONE_TO = (lexicon.PREPOSITIONS | lexicon.PARTICLES | {"wrong", "mad", "crazy", "home"}) - {"for"}
_RELATIVES = frozenset({"what", "whatever", "everything", "all", "anything", "something", "things"})
_TIME_UNITS = lexicon.words(
    "years months weeks days hours minutes decades centuries ages generations"
)
_OBJECT_PARTICLES = lexicon.words("up out off down away back")
_PASSIVE_AFTER = frozenset({"by", "of", "as"})


def is_or_has(after: Sequence[str], before: Sequence[str], host: str) -> Verdict:
    """Decide what 's after a host that is no noun stands for.

    Args:
        after: The tokens after the clitic.
        before: The tokens before the host, the nearest first.
        host: The host.
    """
    at = skip_adverbs(after)
    word = after[at]
    if word in _SURE:
        return _has("has-participle", 0.99)
    adverbs = after[:at]
    if word in lexicon.SAME_PARTICIPLES:
        return _same_form(word, after[at + 1 :], host)
    if not lexicon.is_participle(word):
        if word == "no" and after[at + 1] in _HAD_THINGS and host in lexicon.ANIMATE_HOSTS:
            return _has("has-possession", 0.8)
        return _is("is-predicate", 0.98)
    if adverbs and adverbs[-1] in lexicon.DEGREES and word not in _SURE:
        return _is("is-degree", 0.95)
    return participle(word, after[at + 1 :], before, host, adverbs)


@lru_cache(maxsize=1 << 14)
def by_next_word(word: str) -> Verdict | None:
    """Decide by the word after a pronoun + 's, if it settles the matter."""
    if word in _SURE:
        return _has("has-participle", 0.99)
    if (
        word in ("no", "own", "left")
        or word in lexicon.SAME_PARTICIPLES
        or lexicon.is_participle(word)
        or is_adverb(word)
        or any(word == first for first, _ in lexicon.PHRASES)
    ):
        return None
    return _is("is-predicate", 0.98)


#: "She's no idea": what one has, and hardly ever is.
_HAD_THINGS = lexicon.words(
    "idea choice chance time money right intention clue doubt patience sense shame need"
)


def participle(
    word: str, after: Sequence[str], before: Sequence[str], host: str, adverbs: Sequence[str]
) -> Verdict:
    """Decide by a participle and what follows it."""
    animate = host in lexicon.ANIMATE_HOSTS
    following = after[0]
    if word == "gone":
        moved = following in _GONE_TO or following.endswith("ing")
        if moved or adverbs:
            return _has("has-gone", 0.85)
        return _is("is-gone", 0.6)
    if word == "done" and animate and following in ("it", "that", "this", "so", "well", "more"):
        return _has("has-object", 0.95)
    if _has_object(word, after, animate):
        return _has("has-object", 0.9)
    if word in lexicon.STATES:
        return _is("is-state", 0.95)
    if following == "to" and after[1] not in lexicon.DETERMINERS:
        if word in lexicon.DECIDES and (animate or word not in lexicon.PERSON_ONLY):
            return _has("has-infinitive", 0.9)
        if word not in lexicon.INTRANSITIVE or not animate:
            return _is("is-infinitive", 0.9)
    relative = before[0] in _RELATIVES or (before[0] == "that" and before[1] in _RELATIVES)
    if relative and word in lexicon.GAP_VERBS and following not in ("of", "as", "by", "for"):
        return _has("has-relative", 0.85)
    if following == "to" and word in lexicon.PERSON_ONLY and after[1] in lexicon.BASES:
        return _is("is-infinitive", 0.85)
    if following == "of" and animate and word in ("heard", "thought", "dreamt", "dreamed"):
        return _has("has-intransitive", 0.85)
    if following in _PASSIVE_AFTER and word not in ("become", "died"):
        return _is("is-agent", 0.9)
    if word in lexicon.INTRANSITIVE and (animate or word not in lexicon.PERSON_ONLY):
        return _has("has-intransitive", 0.85)
    if word in lexicon.PHRASALS and following in lexicon.PARTICLES and animate:
        return _has("has-phrasal", 0.8)
    if _tells_time(after):
        return _has("has-time", 0.75)
    if animate and any(adverb in lexicon.PERFECT_ADVERBS for adverb in adverbs):
        return _has("has-adverb", 0.75)
    if animate and any(adverb in ("never", "ever") for adverb in adverbs):
        return _has("has-adverb", 0.8)
    return _is("is-participle", 0.85)


def _same_form(word: str, after: Sequence[str], host: str) -> Verdict:
    """Decide by a participle that looks like the infinitive: put, set, run."""
    if word in ("become", "come"):
        return _has("has-participle", 0.97)
    if after[0] in _PASSIVE_AFTER or word == "upset":
        return _is("is-agent", 0.9)
    if _object_at(after, 0) or (after[0] in lexicon.PARTICLES and _object_at(after, 1)):
        return _has("has-object", 0.9)
    if (word == "run" and host in lexicon.ANIMATE_HOSTS) or word == "quit":
        return _has("has-intransitive", 0.85)
    return _is("is-participle", 0.8)


def _has_object(word: str, after: Sequence[str], animate: bool) -> bool:
    """Tell whether an object of the participle follows it."""
    if word in lexicon.STATES:
        return False
    at = 1 if after[0] in _OBJECT_PARTICLES else 0
    if word in lexicon.TWO_OBJECTS and after[at] not in lexicon.OBJECTS:
        return False
    if _object_at(after, at) or (word in lexicon.BARE_OBJECT and after[0] == "a"):
        return True
    if after[at][0].isdigit():
        return word in lexicon.BARE_OBJECT
    if at or (word not in lexicon.BARE_OBJECT and not animate):
        return word == "taken" and after[0] in ("place", "part", "care", "time", "years", "over")
    noun = after[0]
    return (
        noun.isalpha()
        and noun not in lexicon.PREPOSITIONS
        and noun not in lexicon.CONJUNCTIONS
        and noun not in lexicon.TIMES
        and noun not in lexicon.DETERMINERS
        and noun not in lexicon.ADJECTIVES
        and noun not in lexicon.PARTICLES
        and noun not in lexicon.AUXILIARIES
        and not is_adverb(noun)
        and not lexicon.is_participle(noun)
        and not noun.endswith("ing")
    )


def _object_at(after: Sequence[str], at: int) -> bool:
    word = after[at]
    if word in ("every", "each", "this"):
        return after[at + 1].isalpha() and after[at + 1] not in lexicon.TIME_NOUNS
    if word == "all":
        return after[at + 1] in ("the", "these", "those", "of", "my", "his", "her", "our", "their")
    if word in lexicon.OBJECT_STARTS:
        # "It's cooked the way …", "it's done a lot", "it's located the other side".
        lot = after[at + 1] in ("lot", "bit", "little", "while") and after[at + 2] != "of"
        return not (after[at + 1] == "way" or lot)
    return False


def _tells_time(after: Sequence[str]) -> bool:
    """Tell whether words up to the end of the clause ask for a perfect."""
    for at, word in enumerate(after):
        if word in STOPS:
            return False
        if word == "since" and after[at + 1] not in lexicon.SUBJECTS:
            return True
        if word in ("lately", "recently", "yet") and after[at + 1] in BREAKS:
            return word != "yet" or at > 0
        if word == "so" and after[at + 1] == "far":
            return True
        if word in ("over", "in", "during") and after[at + 1] == "the":
            return after[at + 2] in ("past", "last", "years")
        if word == "for" and (
            after[at + 1] in _TIME_UNITS
            or (after[at + 2 : at + 3] and after[at + 2] in _TIME_UNITS)
        ):
            return True
    return False


def _has(rule: str, confidence: float) -> Verdict:
    return Verdict("has", rule, confidence, ("is",))


def _is(rule: str, confidence: float) -> Verdict:
    return Verdict("is", rule, confidence, ("has",))
