"""Markup, addresses and accents taken out."""

import unicodedata

import pytest
import step_checks

from bpe_tool.preprocess.strip import StripAccents, StripHtml, StripUrls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème brûlée ÀÉÎÕÜ ñ ç ộ", "Creme brulee AEIOU n c o"),
        ("e\u0301\u0323 n\u0303", "e n"),
        ("ή Ώ ᾷ й ё", "η Ω α и е"),
        ("ø Ł ß æ đ", "ø Ł ß æ đ"),
        ("한국어 हिन्दी कि が ﾞ שָׁלוֹם مُحَمَّد ไทย", "한국어 हिन्दी कि が ﾞ שָׁלוֹם مُحَمَّد ไทย"),
        ("☎\ufe0f 1\ufe0f\u20e3 👩\u200d🚀", "☎\ufe0f 1\ufe0f\u20e3 👩\u200d🚀"),
        ("plain", "plain"),
    ],
)
def test_accents(text, expected):
    assert step_checks.check(StripAccents(), text) == expected


def test_letters_that_are_no_letter_and_accent():
    text = "Straße ǿ Łódź Æther œuvre đ İ ẞ"
    assert (
        step_checks.check(StripAccents(letters=True), text) == "Strasse o Lodz AEther oeuvre d I SS"
    )


def test_every_letter_of_latin_loses_its_accents():
    step = StripAccents()
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        plain = unicodedata.normalize("NFD", chr(code))[0]
        assert step.apply(chr(code)) == plain or plain == chr(code)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("See https://a.org/x?y=1#z. Then", {}, "See. Then"),
        ("at www.a.org, or http://b.org!", {}, "at, or!"),
        ("(https://a.org/b_(c))", {}, "()"),
        ("https://a.org\nhttp://b.org c", {}, "\nc"),
        ("到 https://a.org/b。这", {}, "到。这"),
        ("a https://a.org b", {"replacement": "<url>"}, "a <url> b"),
        ("me@a.org https://a.org", {}, "me@a.org"),
        ("to me.x+y@a.org, now", {"emails": True}, "to, now"),
        ("mailto:me@a.org x", {"emails": True}, "x"),
        ("a://b http:// ww.x @me", {"emails": True}, "a://b http:// ww.x @me"),
    ],
)
def test_addresses(text, options, expected):
    assert step_checks.check(StripUrls(**options), text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d", "x<y>z", "List<String>", "Vec<A> f<T>", "<https://a.org>", "I <3 you",
        "<b and c> d", "if (i<p.length && p>q)", "AT&T &c. x&copy=1 &bogus;", "<!-- open", "<>",
        "<me@a.org>", "< b>", "<file-name> <NAME>", "a <- b -> c", "#include <stdio.h>",
    ],
)  # fmt: skip
def test_prose_and_code_stay(text):
    assert step_checks.check(StripHtml(), text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wo<b>rd</b> <I class=x>y</I>", "word y"),
        ("<p>One</p>\n\n  <p>Two<br/>three</p>", "One\nTwo\nthree"),
        ("<p>One</p>\n", "One\n"),
        ("<a href=\"x>y\" title='a' data-x hidden>in</a>", "in"),
        ("a<!-- <b> \n --> b", "a b"),
        ("x<script>if (a<b) '</p>'</script>y<style>p{}</STYLE >z", "xyz"),
        ("<script>never closed", "never closed"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("&lt;b&gt; &amp;lt; &#8217; &#x1F600; &eacute; &#0;", "<b> &lt; ’ 😀 é \ufffd"),
        ("<!DOCTYPE html><title>T</title><h1 id=a>H</h1>x", "T\nH\nx"),
        ("<<b>b>", "<b>"),
    ],
)
def test_markup(text, expected):
    assert step_checks.check(StripHtml(), text) == expected


def test_entities_stay_when_asked():
    assert step_checks.check(StripHtml(entities=False), "<b>&amp;</b>") == "&amp;"
