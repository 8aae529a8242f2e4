"""Finds the markup in a text, by the rules of the HTML standard's tokenizer.

It has a tokenizer of its own because results must have exact offsets, and be the same with every
version of Python. The standard library's parser changes, and the fast ones have no offsets.

The rules are those of the standard (section 13.2.5, with scripting off), except where prose would
be lost. A tag is `<` or `</` and an ASCII letter, up to its `>`, which quoted values may hold.
What is not closed reaches to the end of the text. Unlike in the standard, these are text:

- `<` and a name that is not an HTML element, unless its end tag follows somewhere, or it has
  attribute values or a closing slash like XML: `List<String>`, `<me@example.org>`;
- an element of one letter with bare words that are not attributes, or with another `<` right
  behind it: `a <b and c> d`, `a<b<c`;
- a single capital letter right behind a letter or digit, without an end tag: `Vec<A>`;
- `</` without a letter behind it, except `</>`: `</3`.

CDATA outside of `<svg>` and `<math>` is a comment. It ends with `]]>` if that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Elements that begin and end a line of text.
_BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr "
    "html legend li listing main menu nav ol optgroup option p plaintext pre search section "
    "select summary table tbody textarea tfoot thead title tr ul xmp "
)
BLOCKS = frozenset(_BLOCKS.split())
#: Elements within a line.
_INLINE = (
    "a abbr acronym applet area audio b base basefont bdi bdo bgsound big blink button canvas "
    "cite code col colgroup command data datalist del dfn em embed font frame i iframe image img "
    "input ins kbd keygen label link map mark marquee math menuitem meta meter nobr noembed "
    "noframes noscript object output param picture portal progress q rb rp rt rtc ruby s samp "
    "script slot small source span strike strong style sub sup svg td template th time track tt "
    "u var video wbr "
)
_ELEMENTS = BLOCKS | frozenset(_INLINE.split())
#: Elements whose content is never shown, or is not text.
_DROPPED = frozenset({"script", "style", "iframe", "noembed", "noframes"})
#: Elements whose content is text without markup; in the first two, it may hold entities.
_TEXT = frozenset({"title", "textarea", "xmp"})

_WS_CHARACTERS = "\t\n\f\r "
_WS = r"\t\n\f\r "
_ATTRIBUTES = (
    rf"(?:[{_WS}/]++|[^{_WS}/>][^{_WS}/>=]*+"
    rf"(?:[{_WS}]*+=[{_WS}]*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^{_WS}\"'>][^{_WS}>]*+)?+)?+)*+"
)
_TAG = re.compile(rf"</?([A-Za-z][^{_WS}/>]*+){_ATTRIBUTES}(>?)")
_TAG_NAME = re.compile(rf"[A-Za-z][^{_WS}/<>]*+")
_END_TAG = re.compile(rf"</([A-Za-z][^{_WS}/<>]*+)")
_MARK = re.compile(r"<[A-Za-z/!?]|&")
_ENTITY = re.compile(r"&(?:#[0-9]{1,32}|#[xX][0-9A-Fa-f]{1,32}|[A-Za-z][A-Za-z0-9]{1,31});")
_MAY_BE_OPEN = re.compile(r"<(?:script|style|iframe|no|title|textarea|xmp|!|\?|[^<>]*=)", re.I)
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_CDATA_MARK = re.compile(r"\]\]>|<!\[CDATA\[")
_SCRIPT = re.compile(rf"(<!--)|(-->)|<script(?=[{_WS}/>])|(</script(?=[{_WS}/>]))", re.IGNORECASE)
_END_OF = {name: re.compile(rf"</{name}(?=[{_WS}/>])", re.IGNORECASE) for name in _DROPPED | _TEXT}

# An unknown name that is written like this is a tag of XML.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*+(?:[-.:][A-Za-z0-9_]++)*+"
_VALUE = rf"[{_WS}]++{_NAME}[{_WS}]*+=[{_WS}]*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^{_WS}\"'=<>`]++)"
_LIKE_XML = re.compile(rf"<{_NAME}(?:(?:{_VALUE}){{1,64}}+[{_WS}]*+/?>|[{_WS}]*+/>)")
_BARE_WORDS = re.compile(rf"<[abipqsuABIPQSU](?:[{_WS}]([^<>=\"'/]*+))?+(>|\Z)")
_BARE_ATTRIBUTES = re.compile(
    r"(?:allowfullscreen|async|autofocus|autoplay|checked|class|compact|controls|crossorigin|"
    r"default|defer|dir|disabled|download|draggable|hidden|href|id|inert|ismap|itemscope|lang|"
    r"loop|multiple|muted|name|nohref|nomodule|noshade|novalidate|nowrap|open|playsinline|"
    r"popover|readonly|rel|required|reversed|selected|style|target|title|translate|"
    r"(?:data|aria|v|x|ng|hx)-[-a-z0-9.:]++|[@:#*][-a-z0-9.:]++)",
    re.IGNORECASE,
)


class Markup(NamedTuple):
    """A piece of markup, with its content if that is not text.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        kind: `tag`, `comment` (anything else in angle brackets), `entity`, or the name of an
            element that is removed with its content.
        name: For a tag, the name of its element in lower case.
        is_open: Whether the text ends before this does.
    """

    start: int
    end: int
    kind: str
    name: str = ""
    is_open: bool = False


def markup(text: str) -> Iterator[Markup]:
    """Yield the markup in a text, in order. Everything between is text."""
    last_ends: dict[str, int] | None = None
    foreign = 0
    at = 0
    while mark := _MARK.search(text, at):
        start = mark.start()
        at = start + 1
        kind = mark[0][-1]
        if kind == "&":
            entity = _ENTITY.match(text, start)
            if entity:
                yield Markup(start, entity.end(), "entity")
                at = entity.end()
            continue
        if kind in "!?":
            if kind == "!" and foreign and text.startswith("<![CDATA[", start):
                # Its content is text.
                yield Markup(start, start + 9, "comment")
                end = text.find("]]>", start)
                at = end + 3 if end >= 0 else len(text)
                if end >= 0:
                    yield Markup(end, at, "comment")
                continue
            end = _declaration_end(text, start)
            at = end if end >= 0 else len(text)
            yield Markup(start, at, "comment", is_open=end < 0)
            continue
        if text.startswith("</>", start):
            at = start + 3
            yield Markup(start, at, "comment")
            continue
        name = _name(text, start)
        if not name:
            continue
        if kind != "/" and not (foreign or _is_certain(text, start, name)):
            if last_ends is None:
                last_ends = {m[1].lower(): m.start() for m in _END_TAG.finditer(text)}
            if last_ends.get(name, -1) < start and not _LIKE_XML.match(text, start):
                continue
        tag = _TAG.match(text, start)
        assert tag is not None
        at = tag.end()
        # The whole name, up to a space.
        name = tag[1].lower()
        if not tag[2]:
            yield Markup(start, len(text), "tag", name, is_open=True)
            return
        closes = text[at - 2] == "/"
        if name in ("svg", "math") and not (closes and kind != "/"):
            foreign = max(0, foreign + (-1 if kind == "/" else 1))
        if kind == "/" or (closes and foreign):
            yield Markup(start, at, "tag", name)
        elif name in _DROPPED:
            end = _content_end(text, at, name)
            at, is_open = _end_of_tag(text, end)
            yield Markup(start, at, name, name, is_open)
        else:
            yield Markup(start, at, "tag", name)
            if name == "plaintext":
                return
            if name in _TEXT and not foreign:
                end = _content_end(text, at, name)
                if name != "xmp":
                    for entity in _ENTITY.finditer(text, at, end):
                        yield Markup(*entity.span(), "entity")
                at, is_open = _end_of_tag(text, end)
                if at > end or is_open:
                    yield Markup(end, at, "tag", name, is_open)


def may_be_open(text: str) -> bool:
    """Return quickly whether markup may be open at the end of a text."""
    return text.rfind("<") > text.rfind(">") or _MAY_BE_OPEN.search(text) is not None


def _name(text: str, start: int) -> str:
    """Return the name of the tag that begins at `start`, in lower case."""
    at = start + (2 if text.startswith("</", start) else 1)
    name = _TAG_NAME.match(text, at)
    return name[0].lower() if name else ""


def _is_certain(text: str, start: int, name: str) -> bool:
    """Whether a start tag is certainly one: an HTML element that does not look like prose."""
    if name not in _ELEMENTS:
        return False
    if len(name) > 1:
        return True
    words = _BARE_WORDS.match(text, start)
    if words is None:
        return text[start + 2 : start + 3] != "<"
    if words[1] and words[1].strip(_WS_CHARACTERS):
        return any(map(_BARE_ATTRIBUTES.fullmatch, words[1].split()))
    if not words[2]:
        return False
    return not (text[start + 1].isupper() and start and text[start - 1].isalnum())


def _declaration_end(text: str, start: int) -> int:
    """Return where markup that begins with `<!` or `<?` ends; -1 if it does not."""
    if text.startswith("<!--", start):
        end = _COMMENT_END.search(text, start + 4)
        return end.end() if end else -1
    closing = ">"
    if text.startswith(("<?php", "<?="), start):
        closing = "?>"
    elif text.startswith("<![CDATA[", start) and _closes_cdata(text, start):
        closing = "]]>"
    end_at = text.find(closing, start)
    return end_at + len(closing) if end_at >= 0 else -1


def _closes_cdata(text: str, start: int) -> bool:
    """Whether the next CDATA mark after the one at `start` is an end."""
    mark = _CDATA_MARK.search(text, start + 1)
    return mark is not None and mark[0] == "]]>"


def _content_end(text: str, at: int, name: str) -> int:
    """Return where the content of an element without markup ends: at its end tag, if any."""
    if name != "script":
        end = _END_OF[name].search(text, at)
        return end.start() if end else len(text)
    escaped = nested = False
    while mark := _SCRIPT.search(text, at):
        at = mark.end()
        if mark[1]:
            if not escaped:
                escaped = True
                # Its hyphens may be those of the end: `<!-->`.
                at -= 2
        elif mark[2]:
            escaped = nested = False
        elif mark[3]:
            if not nested:
                return mark.start()
            nested = False
        elif escaped:
            nested = True
    return len(text)


def _end_of_tag(text: str, start: int) -> tuple[int, bool]:
    """Return where an end tag ends, and whether the text ends before."""
    tag = _TAG.match(text, start)
    if tag is None:
        return len(text), True
    return tag.end(), not tag[2]
