"""Decides what 's stands for: is, has, does, or a possessive."""

from __future__ import annotations

from collections.abc import Sequence

from bpe_tool.preprocess.contractions import lexicon
from bpe_tool.preprocess.contractions.context import BREAKS, END, STOPS, opens_clause, skip_adverbs
from bpe_tool.preprocess.contractions.perfect import is_or_has, participle
from bpe_tool.preprocess.contractions.reading import POSSESSIVE, Verdict

#: Words after which a noun + 's ends its phrase, so that no possessive is left.
_FIRST_AFTER_NOUN = (
    lexicon.ARTICLES
    | lexicon.POSSESSIVES
    | lexicon.DEMONSTRATIVES
    | lexicon.PREPOSITIONS
    | lexicon.ADVERBS
    | lexicon.ADJECTIVES
    | {"been", "got", "gotten", "gonna", "gotta", "had", "what", "why", "how", "where", "because"}
)
#: Before a possessive that stands for a place: "at the doctor's the other day".
_PLACES = lexicon.words("at to from by near outside inside in of than like")
_QUESTION_VERBS = lexicon.BASES - {"like", "be", "have", "set", "put", "let", "cut", "run", "come"}


def pronoun_s(host: str, after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide for a host that has no possessive in 's."""
    word = after[0]
    if host in lexicon.WH_HOSTS and (word in lexicon.SUBJECTS or word in lexicon.DETERMINERS):
        return _question(host, after)
    if host == "it" and (word == "own" or _owns(before, word)):
        return Verdict("", "possessive-mistake", 0.8)
    if host in ("here", "how", "why"):
        if word in ("been", "got"):
            return Verdict("has", "has-participle", 0.9, ("is",))
        return Verdict("is", "is-predicate", 0.97, ("has",))
    if host in ("there", "that", "what", "all", "it", "this") and after[skip_adverbs(after)] in (
        "left",
    ):
        return Verdict("is", "is-left", 0.85, ("has",))
    return is_or_has(after, before, host)


_BEFORE_ITS = lexicon.words("of on in to with by from at into onto through than")


def _owns(before: Sequence[str], word: str) -> bool:
    """Tell whether "it's" is written for "its": after a preposition, before a noun."""
    if not word.isalpha() or may_follow_noun_verb(word) or word in _NO_NOUNS:
        return False
    return before[0] in _BEFORE_ITS or (before[0] in _HAVING and word in _THINGS_HAD)


_NO_NOUNS = lexicon.words("no all like more such who when which")
_HAVING = lexicon.words("has have had lost takes changed")
_THINGS_HAD = lexicon.words("name way place toll purpose course day origins roots")


def _question(host: str, after: Sequence[str]) -> Verdict:
    """Decide for "what's he …" and "where's the dog …"."""
    at = 1
    if after[0] in lexicon.DETERMINERS and after[0] not in lexicon.SUBJECTS:
        if after[0] in lexicon.DEMONSTRATIVES:
            at = skip_adverbs(after, 1)
        else:
            # A noun of one or two words; only sure participles count after it.
            for verb in after[2:4]:
                if verb in ("been", "got", "gotten", "gone"):
                    return Verdict("has", "has-inverted", 0.9, ("is",))
            return Verdict("is", "is-inverted", 0.95, ("has",))
    at = skip_adverbs(after, at)
    verb = after[at]
    following = after[at + 1 :]
    if verb == "come" and host == "how":
        return Verdict("is", "is-inverted", 0.6, ("has",))
    if verb in ("come", "become", "run", "put", "let") and after[0] in lexicon.SUBJECTS:
        return Verdict("has", "has-inverted", 0.8, ("does", "is"))
    if lexicon.is_participle(verb):
        passive = verb in lexicon.STATES or verb in ("made", "known", "used", "born", "spelt")
        if verb in ("made", "known") and following[:1] != ["of"] and after[0] in ("he", "she"):
            passive = False
        if after[0] == "it" and verb not in lexicon.INTRANSITIVE | {"been", "got", "done", "had"}:
            passive = True
        if passive:
            return Verdict("is", "is-inverted", 0.8, ("has",))
        return Verdict("has", "has-inverted", 0.9, ("is",))
    singular = after[0] in ("he", "she", "it", "that", "this")
    if singular and verb in _QUESTION_VERBS and (verb, host) not in _STATIVE:
        return Verdict("does", "does-inverted", 0.85, ("is",))
    return Verdict("is", "is-inverted", 0.97, ("has", "does"))


#: Words that are also adjectives: "how's it open".
_STATIVE = frozenset({("open", "how"), ("close", "how"), ("open", "where")})


def indefinite_s(host: str, after: Sequence[str], before: Sequence[str]) -> Verdict:
    """Decide for everyone, nothing, the other one …: possessive only before a noun."""
    word = after[0]
    if host == "one" and before[0] not in _ONES:
        return POSSESSIVE
    if host.endswith("thing") and not word.isalpha():
        return is_or_has(after, before, host)
    if _after_noun(after, sure=False) or lexicon.is_participle(word) or word.endswith("ing"):
        return is_or_has(after, before, host)
    if host.endswith("thing"):
        return Verdict("is", "is-indefinite", 0.75, ("has",))
    return POSSESSIVE


_ONES = lexicon.words(
    "this that which no every any some each other another first last second next only big little"
    " new old red blue black white good bad young"
)


def noun_s(host: str, after: Sequence[str], before: Sequence[str], name: bool) -> Verdict:
    """Decide for a noun: possessive unless what follows leaves no room for one.

    Args:
        host: The noun.
        after: The tokens after the clitic.
        before: The tokens before the noun, the nearest first.
        name: Whether it is written like a name.
    """
    if not may_follow_noun_verb(after[0]):
        return POSSESSIVE
    found = _predicate(after, before, host, name)
    if found is None:
        return POSSESSIVE
    return Verdict(found.meaning, "noun-" + found.rule, min(found.confidence, 0.85), found.others)


def may_follow_noun_verb(word: str) -> bool:
    """Tell whether noun + 's + this word may be anything but a possessive."""
    if word in _FIRST_AFTER_NOUN or word in lexicon.WEEKDAYS or lexicon.is_participle(word):
        return True
    return word.endswith(("ly", "ing"))


def _predicate(
    after: Sequence[str], before: Sequence[str], host: str, name: bool
) -> Verdict | None:
    """Return what 's stands for if the words after a noun make a clause with it."""
    word = after[0]
    if word == "not":
        return is_or_has(after, before, host)
    if word in ("been", "gotten", "gonna") or (
        word in ("got", "had") and after[1] not in STOPS and host not in lexicon.SHOPS
    ):
        meaning = "is" if word == "gonna" else "has"
        return Verdict(meaning, "has-participle" if meaning == "has" else "is-going", 0.9)
    at = skip_adverbs(after)
    perfect = any(adverb in ("never", "ever") for adverb in after[:at])
    if perfect and lexicon.is_participle(after[at]):
        return participle(after[at], after[at + 1 :], [END], "he", after[:at])
    whole = subject_starts_clause(before, name)
    if word in ("a", "an"):
        return None if before[0] in _PLACES else Verdict("is", "is-article", 0.9)
    if word in lexicon.DETERMINERS or word in lexicon.POSSESSIVES:
        place = any(token in _PLACES for token in before[:3])
        if whole and not place:
            return Verdict("is", "is-determiner", 0.8)
        return None
    if word in lexicon.WEEKDAYS and host in ("today", "tomorrow", "yesterday"):
        return Verdict("is", "is-weekday", 0.9)
    if whole and after[:2] == ["all", "right"]:
        return Verdict("is", "is-adjective", 0.7)
    if whole and at and (found := _degree(after, at)):
        return found
    if at and after[at - 1] in lexicon.TIMES and after[at] in STOPS:
        # "Dad's here." "Mary's there again."
        return Verdict("is", "is-place", 0.8) if whole else None
    verb, rest = after[at], after[at + 1 :]
    if verb in ("been", "gotten") or (verb == "got" and rest[0] not in STOPS):
        return Verdict("has", "has-participle", 0.9)
    if not whole and verb not in ("being",):
        return None
    noun = before[0] in lexicon.DETERMINERS or (before[1:2] and before[1] in lexicon.DETERMINERS)
    if noun and verb in _PLACING and host not in lexicon.SHOPS and rest[0] not in STOPS:
        return Verdict("is", "is-preposition", 0.7)
    return _clause(verb, rest, host, bool(at))


_PLACING = lexicon.words("in on at from for with about under near behind beside between")


def _degree(after: Sequence[str], at: int) -> Verdict | None:
    """Decide by a degree: "so fat", "more particular.", "nearly 80 years old"."""
    adverb, word, follows = after[at - 1], after[at], after[at + 1 : at + 2] or [END]
    if adverb in ("so", "too") and word.isalpha() and word != "called" and len(word) > 1:
        return Verdict("is", "is-degree", 0.8)
    if adverb in ("more", "quite", "rather", "very") and word.isalpha() and word != "own":
        return Verdict("is", "is-degree", 0.7) if follows[0] in BREAKS - {",", "-"} else None
    if word[0].isdigit() and follows[0] in ("years", "percent", "inches", "feet", "%"):
        return Verdict("is", "is-degree", 0.75)
    return None


def _clause(verb: str, rest: Sequence[str], host: str, adverb: bool) -> Verdict | None:
    """Do the same for a subject that begins its clause; `verb` is what adverbs precede."""
    follows = rest[0] if rest else END
    if verb in ("a", "an") or (adverb and verb in lexicon.DETERMINERS):
        return Verdict("is", "is-article", 0.8)
    if verb in lexicon.PURE_ING and follows != "of":
        if verb not in lexicon.NOUN_ING:
            return Verdict("is", "is-progressive", 0.85)
        if verb == "being" and (lexicon.is_participle(follows) or follows in lexicon.ADJECTIVES):
            return Verdict("is", "is-progressive", 0.8)
        if follows in _MANNERS or (follows.endswith("ly") and lexicon.is_adverb(follows)):
            return Verdict("is", "is-progressive", 0.75)
        if follows in _AFTER_ING or follows in BREAKS - {"-", "/"}:
            return Verdict("is", "is-progressive", 0.75)
        return None
    if verb.endswith("ing") and len(verb) > 5 and verb not in lexicon.NOMINAL_ING:
        if follows in _AFTER_ING or follows in (".", "!", "?"):
            return Verdict("is", "is-progressive", 0.7)
        return None
    if (verb, follows) in lexicon.PREDICATE_PHRASES:
        return Verdict("is", "is-phrase", 0.8)
    if follows in STOPS and verb in ("at", "from", "about", "in", "on", "up", "off", "out", "down"):
        return Verdict("is", "is-place", 0.75)
    if verb in ("gone", "done", "come", "become"):
        if verb == "gone" and follows in BREAKS:
            return Verdict("is", "is-gone", 0.6)
        return Verdict("has", "has-intransitive", 0.7)
    if lexicon.is_participle(verb):
        if follows in STOPS or follows in ("by", "to", "with", "for", "because"):
            found = participle(verb, rest, [END], "he" if verb in ("left", "died") else "it", [])
            return found
        if follows in lexicon.ARTICLES | lexicon.POSSESSIVES | lexicon.OBJECTS:
            return participle(verb, rest, [END], "he", [])
        return None
    if verb in lexicon.ADJECTIVES:
        return _adjective(verb, follows)
    if verb in lexicon.PREPOSITIONS and verb != "of":
        definite = lexicon.ARTICLES | lexicon.POSSESSIVES | lexicon.DEMONSTRATIVES
        if follows in definite or (follows in lexicon.OBJECTS and follows not in ("her",)):
            return Verdict("is", "is-preposition", 0.75)
        if verb == "from" or (verb == "on" and follows in lexicon.WEEKDAYS):
            return Verdict("is", "is-preposition", 0.75)
        if host in lexicon.PEOPLE and verb in ("in", "at", "on", "from") and follows.isalpha():
            return Verdict("is", "is-preposition", 0.7)
        return None
    if verb in ("what", "why", "how", "where", "because", "that"):
        return Verdict("is", "is-clause", 0.7)
    return None


_MANNERS = lexicon.words("fast well badly hard out up away down off back low late")
_CLAUSES = lexicon.words("because when if but until till since")
_AFTER_ING = (
    lexicon.ARTICLES
    | lexicon.POSSESSIVES
    | lexicon.OBJECTS
    | (lexicon.TIMES - {"then", "enough", "either", "though", "indeed", "too"})
)


def _adjective(word: str, follows: str) -> Verdict | None:
    """Decide by an adjective: with no noun after it, it is a predicate."""
    if word in lexicon.NOUN_ADJECTIVES:
        ends = follows in STOPS or follows in _CLAUSES
        return Verdict("is", "is-adjective", 0.7) if ends else None
    if follows in BREAKS - {"-", "/"} or follows in ("to", "because", "when", "if", "but"):
        return Verdict("is", "is-adjective", 0.85)
    if follows in lexicon.PREPOSITIONS or follows in lexicon.TIMES or follows in ("that", "and"):
        return Verdict("is", "is-adjective", 0.7) if follows != "and" else None
    return None


_ABBREVIATIONS = lexicon.words("mr mrs ms dr prof st rev hon sr jr capt col gen sgt")


def subject_starts_clause(before: Sequence[str], name: bool) -> bool:
    """Tell whether a noun after `before` is, with its determiner, the start of a clause."""
    openers = lexicon.CLAUSE_OPENERS
    if before[0] == "." and len(before) > 2 and before[1] in _ABBREVIATIONS:
        before = before[2:]
    elif before[0] in _ABBREVIATIONS:
        before = before[1:]
    if opens_clause(before, openers):
        return True
    starts = lexicon.DETERMINERS
    for length in (0, 1, 2):
        if len(before) <= length + 1:
            return False
        if before[length] in BREAKS or before[length] in lexicon.PREPOSITIONS:
            return False
        if before[length] in starts or before[length].endswith("'s"):
            return opens_clause(before[length + 1 :], openers)
    return False


def _after_noun(after: Sequence[str], *, sure: bool) -> bool:
    """Tell whether the words after a pronoun like "everyone" make a clause with it."""
    at = skip_adverbs(after)
    word = after[at]
    if at and (word in BREAKS or after[0] in ("not", "never", "always", "already", "just")):
        return True
    if word in lexicon.ADJECTIVES:
        follows = after[at + 1]
        if word in lexicon.NOUN_ADJECTIVES and follows in ("to", "of", "in"):
            return False
        return (
            follows in BREAKS
            or not follows.isalpha()
            or (
                follows in lexicon.PREPOSITIONS
                or follows in lexicon.CONJUNCTIONS
                or follows in lexicon.TIMES
                or follows in ("to", "that", "of")
            )
        )
    return word in lexicon.DETERMINERS or word in lexicon.PREPOSITIONS or word in (
        "to", "what", "why", "how", "where",
    )  # fmt: skip
