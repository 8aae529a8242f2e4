"""Finds web and e-mail addresses exactly, in running text of any script.

The search starts at the mark of an address (`://`, `www.`, `@`) and goes to both sides. Text
without marks costs next to nothing, and hostile text takes linear time.

Where an address ends depends on scripts. Letters that are not Latin are part of the address if a
label or a part of the path begins with them (`http://пример.рф/путь`, `/wiki/北京`). After a Latin
letter or a digit they are text (`http://x.org/a谢谢`, `https://x.org에서`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

import regex

Kind = Literal["url", "email", "domain"]


class Address(NamedTuple):
    """Where an address is in a text, and of what kind."""

    start: int
    end: int
    kind: Kind


#: Letters and digits of ASCII, and what goes with them in words: other letters of Latin, accents.
_LATIN = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f"
_L = f"[{_LATIN}]"
#: Letters, marks and digits of all other scripts.
_O = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_LATIN}]]"
_ANY = rf"(?:[\p{{L}}\p{{M}}\p{{N}}]|(?<={_O})[\u200c\u200d](?={_O}))"
#: Scripts that put no spaces between words.
_UNSPACED = (
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}"
    r"\p{Script=Khmer}\p{Script=Myanmar}]"
)
#: Scripts whose letters stand right behind an address as text, if all of its path is a slash.
_GLUED = rf"(?:{_UNSPACED}|\p{{Script=Hangul}})"

_LATIN_LABEL = f"{_L}++(?:[_-]++{_L}++)*+"
_OTHER_LABEL = f"{_O}{_ANY}*+(?:-++{_ANY}++)*+"
_LABEL = f"(?:{_LATIN_LABEL}|{_OTHER_LABEL})"
# `tokyo日本語.jp`: nothing before is a host by itself.
_MIXED = rf"(?:{_L}[{_LATIN}_-]*+{_OTHER_LABEL}(?=\.[A-Za-z]{{2,}}+(?!{_ANY})))"
# A dot within a host: not the end of a sentence without a space behind (`x.org.See`), nor
# before a single label of another script (`x.org.Спасибо`).
_DOT = rf"\.(?!(?<=[a-z0-9]\.)[A-Z][a-z]|(?<={_L}\.){_OTHER_LABEL}(?!\.{_O}))"
# `http://☃.example`, where a scheme stands before.
_SYMBOLS = rf"(?:{_L}*+[\p{{So}}\ufe0f]++(?:{_L}++|[\p{{So}}\ufe0f]++)*+(?=\.{_L}))"
_HOST = rf"(?:(?:{_MIXED}|{_LABEL})(?:{_DOT}{_LABEL})*+)"
_IP6 = r"\[[0-9A-Fa-f:.]{2,45}+(?:%\w{1,16}+)?\]"
_USER = r"(?:[A-Za-z0-9._~%!$&*+=;:-]{1,256}@){0,4}+"
_PORT = r"(?::[0-9]{1,5}+(?![0-9])|:(?=//))?+"
# Of a path up to the next bracket or quotation mark. A comma may also stand between addresses.
_RUN = (
    rf"(?:[{_LATIN}/?#@!$*+=%:._~]++|&(?!(?:[gl]t|quot|apos|nbsp|#[0-9]+|#x[0-9A-Fa-f]+);)"
    rf"|-(?!{_O})|(?<={_O})-|[,;](?![A-Za-z]{{2,16}}+://)|(?<=\()\p{{So}}++(?=\))"
    rf"|(?<=[/?#&=_+:~%@(]|{_O}-){_O}{_ANY}*+)*+"
)
# Endings of words behind an apostrophe: `http://x.org/a's` and, in Turkish, `http://x.org/a'ya`.
_SUFFIX = r"(?r)'(?:s|[yn][aeıiuü]|n?[dt][ae]n?(?:ki)?|[ns][ıiuü]n?|y?l[ae])"

_MARK = r"(?P<mark>://|(?<![A-Za-z0-9@.]|[A-Za-z0-9]-)(?i:www[0-9]?\.)|@)"
_LOCAL = rf"(?r)(?:{_L}|[._%+'-])++"
_OTHER_LOCAL = rf"(?r)(?:{_ANY}|[._%+-])++"
_ENDS = ".,;:!?'*_~([{"
_OPENING = {"(": ")", "[": "]", "{": "}"}
_LONGEST_SCHEME = 32


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(f"(?V1){pattern}")


def has_marks(text: str) -> bool:
    """Return quickly whether a text may hold an address other than the bare name of a host."""
    # Any `www` in any case holds one of the last four.
    return (
        "://" in text
        or "@" in text
        or "ww" in text
        or "WW" in text
        or "wWw" in text
        or "WwW" in text
    )


def find(text: str, *, emails: bool = True, domains: bool = False) -> Iterator[Address]:
    """Yield the addresses in a text, in order.

    A URL has a scheme and `://`, or begins with `www.`. Punctuation at its end does not belong
    to it, nor does a bracket or quotation mark that was opened before it.

    Args:
        text: The text.
        emails: Whether to find e-mail addresses, with `mailto:` where that is written.
        domains: Whether to find bare names of hosts, such as `example.org/a`. They must end in
            a top-level domain of the list in this module.
    """
    marks = _compiled(f"{_MARK}|{_bare()}" if domains else _MARK)
    done = at = 0
    while match := marks.search(text, at):
        at = match.end()
        found: Address | None
        if match["mark"] is None:
            found = Address(match.start(), _url_end(text, *match.span()), "domain")
        elif match[0] == "@":
            found = _email(text, done, match.start()) if emails else None
        elif match[0] == "://":
            found = _with_scheme(text, done, match.start())
        else:
            found = _url(text, match.start(), match.end())
        if found is not None:
            yield found
            done = at = found.end


def _with_scheme(text: str, done: int, at: int) -> Address | None:
    """Return the URL whose scheme ends at `at`, if it is one."""
    scheme = _scheme(text, max(done, at - _LONGEST_SCHEME), at)
    return _url(text, scheme, at + 3) if scheme < at else None


def _scheme(text: str, first: int, at: int) -> int:
    """Return where the scheme begins that ends at `at`; `at` if there is none."""
    match = _compiled("(?r)[A-Za-z0-9+-]++").match(text, first, at)
    if match is None:
        return at
    run: str = match[0]
    name = run.lower().rpartition("+")[2].rpartition("-")[2]
    for known in ("https", "http"):
        if name.endswith(known) and len(name) > len(known):
            # A word that stands before without a space.
            return at - len(known)
    run = run.lstrip("0123456789+-")
    return at - len(run) if len(run) > 1 and run[-1] not in "+-" else at


def _url(text: str, start: int, host: int) -> Address | None:
    """Return the URL that begins at `start`, and its host at `host`."""
    first = _compiled(
        rf"{_USER}(?:{_IP6}|{_SYMBOLS}(?:{_DOT}{_LABEL})++|{_HOST}(?:\.(?=/))?+){_PORT}"
        r"|(?=/[A-Za-z0-9%~])"
    ).match(text, host)
    if first is None:
        return None
    end = _host_end(text, host, first.end())
    return Address(start, _url_end(text, start, end), "url")


def _host_end(text: str, start: int, end: int) -> int:
    """Return where a host ends, without text that follows its top-level domain without a space."""
    label = text.rfind(".", start, end) + 1
    if label and _compiled(_UNSPACED).match(text, label):
        for top in _unspaced_tops():
            behind = label + len(top)
            if text.startswith(top, label, end) and _compiled(_UNSPACED).match(text, behind, end):
                return behind
    return end


def _url_end(text: str, start: int, end: int) -> int:
    """Return where a URL ends whose host ends at `end`."""
    if text[end : end + 1] not in ("/", "?", "#"):
        return end
    if text[end] == "/" and _compiled(rf"(?<={_L}|[0-9])/{_GLUED}").match(text, end):
        return end + 1
    quoted = start > 0 and text[start - 1] == "'"
    opened: list[str] = []
    last = end
    while True:
        run = _compiled(_RUN).match(text, last)
        assert run is not None
        last = int(run.end())
        mark = text[last : last + 1]
        # `[/` begins the end of a tag: `[url]http://x.org/a[/url]`.
        if mark in _OPENING and not text.startswith("[/", last):
            opened.append(_OPENING[mark])
        elif opened and opened[-1] == mark:
            opened.pop()
        elif mark != "'" or quoted:
            break
        last += 1
    suffix = _compiled(_SUFFIX).match(text, end, last)
    if suffix:
        last = suffix.start()
    for around in ("==", "$"):
        if text.endswith(around, 0, start) and text.endswith(around, end, last):
            last -= len(around)
    while last > end and text[last - 1] in _ENDS:
        last -= 1
    return last


def _email(text: str, done: int, at: int) -> Address | None:
    """Return the e-mail address whose `@` is at `at`, if it is one."""
    domain = _compiled(rf"(?:{_HOST}|\[(?:IPv6:)?[0-9A-Fa-f:.]{{2,45}}+\])").match(text, at + 1)
    if domain is None:
        return None
    end = _host_end(text, at, domain.end())
    last = text[at:end].rpartition(".")
    if text[end - 1] != "]" and (len(last[2]) < 2 or not last[1] or not _is_top(last[2])):
        return None
    local = _compiled(_LOCAL).match(text, done, at)
    if local is None:
        # Where words have no spaces between, this may be any text before an `@`.
        if domain[0].isascii() and _compiled(f"(?r){_UNSPACED}").match(text, done, at):
            return None
        local = _compiled(_OTHER_LOCAL).match(text, done, at)
    if local is None or text[at - 1] in ".+%'":
        return None
    name = local[0].rpartition("..")[2].lstrip(".+-%'")
    if text[end : end + 1] == "_":
        name = name.lstrip("_")
    start = at - len(name)
    if start == at:
        return None
    if text[max(done, start - 7) : start].lower() == "mailto:":
        start -= 7
        if _compiled(r"\?[A-Za-z]++=").match(text, end):
            end = _url_end(text, start, end)
    return Address(start, end, "email")


def _is_top(label: str) -> bool:
    """Whether a label can be a top-level domain: it has no digits, unless it begins with `xn--`."""
    return not any(map(str.isdecimal, label)) or label.lower().startswith("xn--")


#: The top-level domains that bare names of hosts may end in.
_TOPS = (
    # Generic ones that are in wide use.
    "com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel cat asia "
    "app dev page blog cloud online site store shop tech xyz club live news wiki art design "
    "agency digital email media network software space studio systems today tools world zone "
    # Countries and territories.
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br "
    "bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz "
    "ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw "
    "gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw "
    "ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu "
    "mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt "
    "pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc "
    "td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws "
    "ye yt za zm zw "
    "рф рус укр бел срб мкд мон қаз бг ею ελ ευ გე հայ ישראל "
    "مصر السعودية امارات ایران الاردن قطر تونس المغرب سورية عمان فلسطين پاکستان "
    "भारत বাংলা ভারত இந்தியா இலங்கை ไทย ລາວ 中国 中國 台湾 台灣 香港 澳門 新加坡 公司 网络 한국 みんな"
)


@cache
def _unspaced_tops() -> tuple[str, ...]:
    """Return the top-level domains in scripts without spaces, the longer first."""
    tops = [top for top in _TOPS.split() if _compiled(_UNSPACED).match(top)]
    return tuple(sorted(tops, key=len, reverse=True))


@cache
def _bare() -> str:
    """Return the pattern of a bare name of a host that is not part of a longer one."""
    latin, other = (
        "|".join(sorted(some, key=lambda top: (-len(top), top)))
        for some in (
            [top for top in _TOPS.split() if top.isascii()],
            [top for top in _TOPS.split() if not top.isascii()],
        )
    )
    before, behind = rf"[{_LATIN}@._~/-]", rf"(?![{_LATIN}@_-]|{_DOT}{_L}|://)"
    return (
        rf"(?P<bare>(?:(?<!{before}){_LATIN_LABEL}(?:{_DOT}{_LATIN_LABEL})*?{_DOT}(?i:{latin})"
        rf"{behind}|(?<!{before}|{_O}){_LABEL}(?:{_DOT}{_LABEL})*?{_DOT}(?:{other})(?!{_ANY}))"
        rf"{_PORT})"
    )
