"""What the words next to a word tell about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.word_spans import LONGEST_WORD, Memo, fold, run_pattern, set_of


class Near:
    """What is known of the text on one side of a word: bits, plain integers for speed."""

    EDGE = 1 << 0  # punctuation, or the end of the line
    STOP = 1 << 1  # a sentence ends there, or begins
    DETERMINER = 1 << 2  # or a possessive
    DEMONSTRATIVE = 1 << 3  # this, that
    SUBJECT = 1 << 4
    BE = 1 << 5
    HAVE = 1 << 6
    INFINITIVE = 1 << 7  # to and modal verbs
    DO = 1 << 8
    DEGREE = 1 << 9  # very, too
    ADVERB = 1 << 10  # what may stand between an auxiliary and its verb
    PREPOSITION = 1 << 11
    AT = 1 << 12
    ADJECTIVE = 1 << 13  # common ones that stand before nouns
    OBJECT = 1 << 14  # an object begins with it
    STARTER = 1 << 15  # what gerunds follow: start, without
    PARTICLE = 1 << 16  # up, out
    BY = 1 << 17
    OF = 1 << 18
    THAN = 1 << 19
    NUMBER = 1 << 20
    CAPITAL = 1 << 21
    TURN = 1 << 22  # verbs and nouns of directions and sides
    UNITED = 1 << 23
    PARTICIPLE = 1 << 24  # a word that looks like a past participle
    LINK = 1 << 25  # verbs that an adjective follows: get, seem
    JOINT = 1 << 26  # other words that an adjective follows at the end of a phrase: make, or
    HEAD = 1 << 27  # nouns after nouns in -ing: distance, machine
    SEVERAL = 1 << 28  # numbers, and words before plurals: these, many
    # Not of a side alone:
    NAME = 1 << 29  # capitals stand for names here
    QUOTED = 1 << 30  # a quotation that began with an apostrophe may end here


#: Hosts after which `'s` is a verb, so that there is no possessive to take off.
CLITIC_HOSTS = set_of("it he she that this there here what who where how when why let one")

_WORDS = {
    Near.DETERMINER: "a an the this these those that my your his her its our their each"
    " every some any no another whose",
    Near.DEMONSTRATIVE: "this that",
    Near.SUBJECT: "i you he she it we they who which i'd you'd he'd she'd we'd they'd"
    " i'm im you're we're they're",
    Near.BE: "am is are was were be been being i'm you're he's she's it's we're"
    " they're that's there's isn't aren't wasn't weren't ain't who's im",
    Near.HAVE: "has have had having i've you've we've they've hasn't haven't hadn't",
    Near.INFINITIVE: "to will would can could shall should may might must do does did cannot"
    " don't doesn't didn't won't wouldn't can't couldn't shouldn't let's"
    " i'll you'll he'll she'll it'll we'll they'll",
    Near.DO: "do does did don't doesn't didn't work works worked like likes liked know"
    " knows fit fits suit suits understand understands see focus perform performs hear sleep",
    Near.DEGREE: "very too quite extremely incredibly rather fairly more most less pretty",
    Near.ADVERB: "not never always still just also now often already ever even only then"
    " soon once again very too quite rather more most less so all both",
    Near.PREPOSITION: "of in on at to for from with by about into through after before"
    " between against under over during without within near across behind"
    " around among toward towards",
    Near.AT: "at",
    Near.ADJECTIVE: "human own new old other great good bad big small little many several"
    " such same whole public private social national local former future"
    " recent initial final annual different special general real red white black yellow"
    " pink blue green dark bright single",
    Near.OBJECT: "a an the this these those that my your his her its our their each"
    " every some any another me him us them it you myself yourself himself"
    " herself itself ourselves themselves",
    Near.STARTER: "start starts started starting stop stops stopped stopping keep keeps"
    " kept keeping begin begins began enjoy enjoys enjoyed love loves loved"
    " like likes liked hate hates hated finish finished avoid avoids avoided"
    " avoiding consider considered considering mind imagine remember risk"
    " risks spend spends spent go goes going went gone busy worth by without"
    " while when than despite continue continued quit quits tried try"
    " recommend recommended him them me us",
    Near.PARTICLE: "up out off down away back forward together ahead aside apart",
    Near.BY: "by",
    Near.OF: "of",
    Near.THAN: "than",
    Near.TURN: "turn turns turned turning far to on top bottom upper lower keep go"
    " goes went going veer next",
    Near.UNITED: "united",
    Near.SEVERAL: "these those many several few both two three four five six seven eight nine"
    " ten eleven twelve twenty dozens hundreds thousands most",
    Near.LINK: "become becomes became becoming get gets got gotten getting look looks looked"
    " feel feels felt feeling seem seems seemed sound sounds stay stays stayed remain remains"
    " remained remaining",
    Near.JOINT: "make makes made making taste tastes smell smells grow grew and or but if as way"
    " lot bit far any no much many even something anything nothing one ones",
    Near.HEAD: "distance room rooms machine machines system systems board bowl rack sensation"
    " career clothes boots shoes material materials technology options experience experiences fee"
    " fees sample samples conditions difficulties comprehension skills ability costs",
    Near.PARTICIPLE: "known understood seen told done kept left made spent",
}
#: Words that tell something of the words next to them.
BITS: dict[str, int] = {}
for _bits, _text in _WORDS.items():
    for _word in _text.split():
        BITS[_word] = BITS.get(_word, 0) | _bits

#: Words that have small letters in headings, too.
_SMALL_IN_TITLES = set_of(
    "a an the and or nor but of to in on at by for with from as vs into over per via"
)

_AT_END = Near.EDGE | Near.STOP

#: Chunks that end in a full stop but no sentence: titles and initials.
_ABBREVIATION = re.compile(
    r"(?:mr|mrs|ms|dr|st|prof|gen|sen|rep|gov|col|capt|lt|sgt|vs|no|[^\W\d])\."
)
_ROMAN_NUMBER = re.compile("[IVX]+")

#: What ends a sentence or a part of one that may begin with a capital, or begins a quotation.
_STOP = re.compile(r"[.!?:;…。|>*•–—\"”“)\]}(\[{'‘’«»-]")

#: The tests of a pair of sides, by name.
TESTS: dict[str, Callable[[int, int], bool]] = {
    "than": lambda before, after: bool(after & Near.THAN),
    "degree": lambda before, after: bool(before & Near.DEGREE and not after & Near.OBJECT),
    "noun": lambda before, after: bool(before & (Near.DETERMINER | Near.ADJECTIVE)),
    "this": lambda before, after: bool(before & Near.DEMONSTRATIVE),
    "base": lambda before, after: bool(before & Near.INFINITIVE),
    "be": lambda before, after: bool(before & Near.BE),
    "passive": lambda before, after: bool(before & Near.BE and after & Near.BY),
    "perfect": lambda before, after: bool(
        before & Near.HAVE and after & (Near.EDGE | Near.OBJECT | Near.PREPOSITION)
    ),
    "subject": lambda before, after: bool(before & Near.SUBJECT),
    "verb": lambda before, after: bool(
        before & (Near.SUBJECT | Near.BE | Near.HAVE) or after & Near.OBJECT
    ),
    "third": lambda before, after: bool(
        before & Near.SUBJECT or (after & Near.OBJECT and not before & (Near.BE | Near.HAVE))
    ),
    "object": lambda before, after: bool(after & Near.OBJECT),
    "thing": lambda before, after: bool(after & Near.OBJECT and not after & Near.DEMONSTRATIVE),
    "edge": lambda before, after: bool(before & Near.EDGE),
    "have": lambda before, after: bool(before & Near.HAVE),
    "start": lambda before, after: bool(before & Near.STARTER),
    "particle": lambda before, after: bool(after & Near.PARTICLE),
    "preposition": lambda before, after: bool(after & Near.PREPOSITION and not after & Near.OF),
    "after-preposition": lambda before, after: bool(before & Near.PREPOSITION),
    "nominal": lambda before, after: bool(
        before & (Near.DETERMINER | Near.ADJECTIVE)
        and after & (Near.EDGE | Near.PREPOSITION | Near.BE | Near.HAVE | Near.INFINITIVE)
    ),
    "of": lambda before, after: bool(after & Near.OF and not before & (Near.BE | Near.SUBJECT)),
    "at": lambda before, after: bool(before & Near.AT),
    "after-number": lambda before, after: bool(before & Near.NUMBER),
    "number": lambda before, after: bool(after & Near.NUMBER),
    "direction": lambda before, after: bool(before & Near.TURN or after & Near.OF),
    "united": lambda before, after: bool(before & Near.UNITED),
    "do": lambda before, after: bool(before & Near.DO),
    "very": lambda before, after: bool(
        before & Near.DEGREE and not before & Near.SEVERAL and not after & Near.OBJECT
    ),
    "link": lambda before, after: bool(before & Near.LINK),
    "head": lambda before, after: bool(after & Near.HEAD and not before & (Near.BE | Near.SUBJECT)),
    "i'm": lambda before, after: bool(
        before & Near.BE and before & Near.SUBJECT and after & Near.EDGE
    ),
    "part": lambda before, after: bool(before & Near.EDGE and not before & Near.STOP),
    "pronoun": lambda before, after: bool(
        before & (Near.OBJECT | Near.SUBJECT) and not before & Near.DETERMINER
    ),
    "manner": lambda before, after: bool(
        after & (Near.EDGE | Near.THAN)
        and not before & ~(Near.CAPITAL | Near.HEAD | Near.NAME | Near.QUOTED)
    ),
    "end": lambda before, after: bool(after & Near.EDGE),
    "participle": lambda before, after: bool(after & Near.PARTICIPLE),
}


def _bits_of(run: str) -> int:
    word = fold(run)
    bits = BITS.get(word, 0)
    if run[:1].isupper() and word != "i" and not word.startswith("i'"):
        bits |= Near.CAPITAL
    if bits & ~Near.CAPITAL:
        return bits
    if word[-1:].isdigit() or _ROMAN_NUMBER.fullmatch(run):
        return bits | Near.NUMBER | Near.SEVERAL
    if word.endswith("'s") and word[:-2] in CLITIC_HOSTS:
        return bits | Near.BE
    if word.endswith(("'s", "s'")):
        return bits | Near.DETERMINER
    if word.endswith("ly") and len(word) > 4:
        return bits | Near.ADVERB
    if word.endswith("ed") and len(word) > 4 and not word.endswith("eed"):
        return bits | Near.PARTICIPLE
    if word.endswith(("ous", "ful", "ive", "able", "ible", "ical", "ic", "al", "less", "ant")):
        return bits | Near.ADJECTIVE
    return bits


def _sides(chunk: str) -> tuple[int, int]:
    """Return what the words before a chunk have after them, and those after it before them."""
    if chunk.isalpha():
        bits = _bits_of(chunk)
        return bits, bits
    if not chunk:
        return _AT_END, _AT_END
    # What decides is short; text without spaces may be long.
    head, tail = chunk[:LONGEST_WORD], chunk[-LONGEST_WORD:]
    first = run_pattern().match(head)
    after = _bits_of(first[0]) if first else Near.EDGE
    runs = run_pattern().findall(tail)
    if runs and tail.endswith(runs[-1]):
        return after, _bits_of(runs[-1])
    if tail[-1] in APOSTROPHES and tail[-2:-1] in ("s", "S"):
        return after, Near.DETERMINER
    if _STOP.match(tail[-1]) and not _ABBREVIATION.fullmatch(chunk.lower()):
        return after, _AT_END
    return after, Near.EDGE


_SIDES = Memo(_sides)


def sides(chunks: list[str], number: int) -> tuple[int, int]:
    """Return what stands before a chunk and after it, as bits of `Near`.

    Adverbs before it are passed over: what is told is what stands before them, and only of
    the word next to it whether it tells a degree.
    """
    before = _SIDES[chunks[number - 1]][1] if number else _AT_END
    if before & Near.ADVERB:
        degree = before & (Near.DEGREE | Near.SEVERAL)
        for at in range(number - 2, max(-2, number - 5), -1):
            before = _SIDES[chunks[at]][1] if at >= 0 else Near.EDGE
            if not before & Near.ADVERB:
                break
        before = before & ~(Near.DEGREE | Near.SEVERAL | Near.STOP) | degree
    after = _SIDES[chunks[number + 1]][0] if number + 1 < len(chunks) else _AT_END
    return before, after


def inside(chunk: str, start: int, before: int) -> int:
    """Return what stands before a word within a chunk."""
    if start == 0:
        return before
    if _STOP.match(chunk[start - 1]) and not (start > 1 and chunk[start - 2].isalnum()):
        return _AT_END
    return Near.EDGE | before & (Near.NAME | Near.QUOTED)


def in_title(chunks: list[str], number: int) -> bool:
    """Whether the words around a chunk have capitals, as those of headings do."""
    around = chunks[max(0, number - 6) : number] + chunks[number + 1 : number + 7]
    small = [word for word in around if word.islower()]
    return _SMALL_IN_TITLES.issuperset(small) and any(word[:1].isupper() for word in around)


def in_quotation(chunks: list[str], number: int) -> bool:
    """Whether a quotation that began with an apostrophe may be open before a chunk's end."""
    for chunk in reversed(chunks[max(0, number - 12) : number + 1]):
        if chunk[:1] in APOSTROPHES and chunk:
            return True
        if chunk is not chunks[number] and chunk[-1:] in APOSTROPHES and chunk:
            return False
    return False
