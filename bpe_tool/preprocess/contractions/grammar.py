"""The grammar of contractions: a host, then one clitic or several.

    hadn't've  =  had + n't + 've        y'all'd've  =  y'all + 'd + 've

Most words have one meaning. Those that end in 's or 'd may have several, and ain't always
has; the rules decide about them by the words around.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from bpe_tool.preprocess.contractions import lexicon

_CLITIC = r"(?:[sStTdDmM]|[lL][lL]|[vV][eE]|[rR][eE]|[dD][nN](?='[tT]))"
_CHAIN = rf"(?:'{_CLITIC})*"
#: No letter, digit or combining mark may follow, and no second apostrophe inside a word.
_ENDS = r"(?![\w@\u0300-\u036f]|'\w)"

#: Finds, in text with straight apostrophes, where a contraction may be: from its first
#: apostrophe to its end. Begins with a literal, which makes it fast.
CANDIDATE = re.compile(
    rf"'(?:(?<=[^\W\d_]'){_CLITIC}{_CHAIN}{_ENDS}"
    rf"|(?<=[yY]')[aA][lL][lL]{_CHAIN}{_ENDS}"
    rf"|(?<=[dD]')[yY](?:[oO][uU]|[aAeE]){_ENDS}"
    rf"|(?<![^\W_]')[tT](?:[iI][sS]|[aA][iI]|[wW](?:[aA][sS]|[eE][rR][eE]|[iI][lL][lL]|[oO]"
    rf"|[oO][uU][lL][dD]))[nN]?{_CHAIN}{_ENDS})"
)
#: The host before a candidate, with hyphens and apostrophes inside.
HOST = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*\Z")
#: How many code points of the host are looked at. Longer words are hosts of nothing.
HOST_WINDOW = 40
#: Before a host, these say that it is part of a name in some code.
NO_HOST_AFTER = frozenset("_@#&$\\0123456789")

#: Hosts that a hyphen before them does not tie to the word before it.
PRONOUNS = lexicon.SUBJECTS | {"that", "there", "here", "who", "what", "where", "how", "let"}

Kind = Literal["fixed", "pronoun-s", "indefinite-s", "noun-s", "pronoun-d", "noun-d", "aint"]


class Word(NamedTuple):
    """A contraction, parsed.

    Attributes:
        kind: Which rules decide about it; `"fixed"`: there is nothing to decide.
        host: The host in lower case.
        text: The full form of a `"fixed"` one.
        rule: The name of the clitics: `"not"`, `"will"`, `"would-have"`.
        auxiliary: Before a final n't: the auxiliary as written (`"Do"`, `"CAN"`), else empty.
        source: The contraction itself.
    """

    kind: Kind
    host: str
    text: str
    rule: str
    auxiliary: str
    source: str


_FULL = {
    "ll": "will",
    "ve": "have",
    "re": "are",
    "m": "am",
    "t": "not",
    "d": "would",
    "dn": "would",
}
#: What stands before n't, and the auxiliary it is.
_NEGATED = {
    "isn": "is", "aren": "are", "wasn": "was", "weren": "were", "amn": "am", "don": "do",
    "doesn": "does", "didn": "did", "hasn": "has", "haven": "have", "hadn": "had", "can": "can",
    "couldn": "could", "won": "will", "wouldn": "would", "shan": "shall", "shouldn": "should",
    "mayn": "may", "mightn": "might", "mustn": "must", "needn": "need", "oughtn": "ought",
    "daren": "dare", "havn": "have", "usedn": "used",
}  # fmt: skip
_WHOLE = {
    "d'you": "do you", "d'ya": "do you", "d'ye": "do you",
    "'tis": "it is", "'twas": "it was", "'twere": "it were", "'twill": "it will",
    "'twould": "it would", "'tisn't": "it is not", "'twasn't": "it was not",
    "'tweren't": "it were not", "'twon't": "it will not", "'twouldn't": "it would not",
    "'tain't": "it is not", "'twould've": "it would have", "'twill've": "it will have",
    "'twouldn't've": "it would not have",
}  # fmt: skip
_MODALS = lexicon.words("could would should might must may shall will can need ought to not")
_ARE_HOSTS = lexicon.words(
    "you we they who what where how why when there here these those that which ye y'all yous"
    " youse all some both people men women children folks kids guys"
)
_HAVE_HOSTS = lexicon.words(
    "i you we they who what where how why when there here these those that which ye y'all yous"
    " youse all some both people men women children folks kids guys"
)
#: Before 's these are neither verbs nor owners worth a guess.
_NO_S = lexicon.words("i you we they me him them us do don")
#: Abbreviations used as verbs: "he OK'd it".
_NOT_D = lexicon.words("ok ko od id cc bcc dj mc rsvp pm dm okay")


@lru_cache(maxsize=1 << 16)
def parse(source: str) -> Word | None:
    """Parse a word with straight apostrophes; `None` if it is no contraction."""
    lower = source.lower()
    if lower in _WHOLE:
        return _fixed(source, lower, like(source, _WHOLE[lower]), "whole")
    host, *clitics = lower.split("'")
    if host == "y" and clitics and clitics[0] == "all":
        host = "y'all"
        del clitics[0]
        if not clitics:
            return _fixed(source, host, like(source, "you all"), "whole")
    while len(clitics) > 1 and clitics[0] not in _CLITICS:
        host += "'" + clitics.pop(0)  # O'Brien's
    if not host or not clitics or not _CLITICS.issuperset(clitics):
        return None
    return (
        _ambiguous(source, host, clitics[0])
        if len(clitics) == 1 and clitics[0] in "sd"
        else (_regular(source, host, clitics))
    )


_VOWELS = frozenset("aeiouyáéíóúàèäëïöü")
_CLITICS = frozenset({*_FULL, "s"})


def _ambiguous(source: str, host: str, clitic: str) -> Word | None:
    """Parse a word that ends in 's or 'd."""
    if clitic == "s":
        if host == "let":
            return _fixed(source, host, _join(source, ["us"]), "us")
        if host in lexicon.PURE_HOSTS and host not in _NO_S:
            return Word("pronoun-s", host, "", "", "", source)
        if host in _NO_S or host == "y'all" or not _is_noun(source, host):
            return None
        if host in lexicon.INDEFINITES or host == "one":
            return Word("indefinite-s", host, "", "", "", source)
        return Word("noun-s", host, "", "", "", source)
    if host in lexicon.D_HOSTS:
        return Word("pronoun-d", host, "", "", "", source)
    if host in _NOT_D or not _is_noun(source, host):
        return None
    return Word("noun-d", host, "", "", "", source)


def _is_noun(source: str, host: str) -> bool:
    """Tell whether a host is long enough for a noun, and no abbreviation."""
    acronym = source[: len(host)].isupper() and source[-1].islower()
    return len(host) > 2 and not acronym and not _VOWELS.isdisjoint(host)


def _regular(source: str, host: str, clitics: list[str]) -> Word | None:
    """Parse a word whose clitics have one meaning each."""
    first, rest = clitics[0], clitics[1:]
    if first == "t" and host == "ain":
        return None if rest else Word("aint", host, "", "", "", source)
    if not _fits(host, first) or not (not rest or rest == ["ve"] or _negates(first, rest)):
        return None
    if first == "ve" and rest:
        return None
    meanings = [_FULL[clitic] for clitic in clitics]
    auxiliary = like(source[: len(host)], _NEGATED[host]) if first == "t" else ""
    text = _join(source, meanings)
    return _fixed(source, host, text, "-".join(meanings), auxiliary if not rest else "")


def _negates(first: str, rest: list[str]) -> bool:
    return first == "dn" and rest in (["t"], ["t", "ve"])


def _fits(host: str, clitic: str) -> bool:
    """Tell whether a clitic may follow a host."""
    if clitic == "t":
        return host in _NEGATED
    if clitic == "m":
        return host == "i"
    if clitic == "s":
        return False
    noun = len(host) > 2 and host.isalpha()
    plural = noun and len(host) > 3 and host.endswith("s") and not host.endswith("ss")
    if clitic == "re":
        return host in _ARE_HOSTS or plural
    if clitic == "ve":
        return (
            host in _HAVE_HOSTS or host in _MODALS or plural or (noun and lexicon.is_adverb(host))
        )
    return host in lexicon.D_HOSTS or noun


def _fixed(source: str, host: str, text: str, rule: str, auxiliary: str = "") -> Word:
    return Word("fixed", host, text, rule, auxiliary, source)


def _join(source: str, meanings: list[str]) -> str:
    """Write host and meanings, each in the case of what it replaces."""
    *hosts, tail = source.rsplit("'", len(meanings))[: -len(meanings)], source.split("'")
    host = "".join(hosts[0])
    lower = host.lower()
    clitics = tail[-len(meanings) :]
    if clitics[0] in ("t", "T") and lower in _NEGATED:
        host = like(host, _NEGATED[lower])
    if lower == "y'all":
        host = like(host, "you all")
    words = [
        meaning.upper() if clitic.isupper() else meaning
        for meaning, clitic in zip(meanings, clitics, strict=True)
    ]
    glue = "" if lower == "can" and clitics[0] in ("t", "T") else " "
    return host + glue + " ".join(words)


@lru_cache(maxsize=1 << 16)
def expand(source: str, meaning: str) -> str:
    """Write a word that ends in 's, 'd or is ain't with a meaning: `"is"`, `"has not"`."""
    if source[:3].lower() == "ain":
        return like(source, meaning)
    return _join(source, [meaning])


def like(source: str, text: str) -> str:
    """Write `text` in the case of `source`: lower, UPPER or with a capital."""
    letters = [letter for letter in source if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return text.upper()
    if letters and letters[0].isupper():
        return text[0].upper() + text[1:]
    return text
