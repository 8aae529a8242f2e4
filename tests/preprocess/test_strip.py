"""Markup, addresses and accents taken out."""

import unicodedata

import pytest
import step_checks

from bpe_tool.preprocess.steps.strip import StripAccents, StripHtml, StripUrls


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
        "a < b and c > d", "x<y>z", "x<y and y>z", "List<String>", "Vec<A> f<T>", "<https://a.org>",
        "I <3 you", "<b and c> d", "if (i<p.length && p>q)", "AT&T &c. x&copy=1 &bogus;", "<>",
        "a <b", "a<b && c>d", "i</3", "</3 <",
        "a <", "<", "</", "x </ y", "Map<K, List<V>>", "a <b<c", "a <foo",
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
        # Attributes in every way there is.
        ("<a href=x=y?z=1>t</a>", "t"),
        ("<a href='x'title=\"y>z\"id=w>t</a>", "t"),
        ("<br / >x<hr/ /><br/ class=y>z", "x\nz"),
        ("<p class=a foo v-cloak>t<input DISABLED foo = bar checked>", "t"),
        ("<a =x ='y>'>t</a><b @click.x='y>' #ref>u</b>", "tu"),
        ("<a\n\thref\n=\n'x>y'\f>t</a\n>", "t"),
        ("<a title='\"'>t</a title='>'>u", "tu"),
        ("<option selected>t</option><td nowrap align=left>u", "t\nu"),
        ("<a href=x/>t", "t"),
        # What is not closed goes on to the end.
        ("t<script>never closed", "t"),
        ("t<style>p{}</style", "t"),
        ("t <!-- never closed > u", "t "),
        ("t <div class='x>y", "t"),
        ("t<?php if ($a > 1) echo '<p>';", "t"),
        ("t<!doctype", "t"),
        # Comments and the like.
        ("a<!-->b<!--->c<!---->d<!-- -- > x -- x -->e<!-- x --!>f", "abcdef"),
        ("a<![CDATA[b]]>c<?xml version='1.0'?>d<!ELEMENT br>e</>f", "acdef"),
        ("a<![CDATA[ b > <i>c</i> ]]>d<![CDATA[e>f<![CDATA[g]]>h", "adfh"),
        ("a<?php if ($b > 1) { ?>c<?= $d > 1 ?>e<!DOCTYPE html PUBLIC '-//W3C'>", "ace"),
        # Elements whose content is no markup.
        ("<script><!-- <script>x</script> y --></script>z", "z"),
        ("<script><!--></script>y<script>x</scripty></SCRIPT foo='>'>z", "yz"),
        ("<script>'<!--'; x</script>y", "y"),
        ("<textarea><p>&amp;</textarea>z<title>a<b></title>", "<p>&\nz\na<b>"),
        ("<xmp><b>&amp;</xmp>c<plaintext><b>&amp;</b>", "<b>&amp;\nc\n<b>&amp;</b>"),
        ("<iframe><p>x</iframe>y<noscript><p>z</noscript>", "y\nz"),
        ("<svg><g><title>T</title><![CDATA[a > b]]></g></svg><![CDATA[c]]>d", "T\na > bd"),
        ("<div<p>a</span<p>b<scripty>c</scripty>", "abc"),
        ("<iframe><script></iframe>a<STYLE><!--</style>b--></style>", "ab-->"),
        ("<script><!--<SCRIPT/></script/>--></script >a<noembed><!--</noembed>b", "ab"),
        # Names that HTML does not know.
        ("<foo>a</foo> <x-y>b</x-y> <o:p>c</o:p><bar/>", "a b c"),
        ("<item id='1'>a <Foo:Bar x=y>b", "a b"),
        ("Vec<A> wo<B>rd</B> f<T>", "Vec<A> word f<T>"),
        ("<SPAN>a</Span><b\0>\0", "a<b\0>\0"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("&lt;b&gt; &amp;lt; &#8217; &#x1F600; &eacute; &#0;", "<b> &lt; ’ 😀 é \ufffd"),
        ("&notify; &copyx; &notit; &not; &COPY;", "&notify; &copyx; &notit; ¬ ©"),
        ("<!DOCTYPE html><title>T</title><h1 id=a>H</h1>x", "T\nH\nx"),
        ("<<b>b>", "<b>"),
    ],
)
def test_markup(text, expected):
    assert step_checks.check(StripHtml(), text) == expected


def test_entities_stay_when_asked():
    assert step_checks.check(StripHtml(entities=False), "<b>&amp;</b>") == "&amp;"


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("<p>a", False), ("a < b", False), ("a<b", False), ("<script>a</script>", False),
        ("<script>a", True), ("<style", True), ("a <!-- b", True), ("<a href='x>y", True),
        ("<a href=x", True), ("<textarea>x", True), ("<!-- x --> a < b <3", False),
        ("a <br", True), ("</p", True), ("<?php", True), ("<title>a</title", True), ("", False),
    ],
)  # fmt: skip
def test_markup_that_is_open_at_the_end_is_known(text, is_open):
    assert StripHtml().unfinished(text) is is_open


@pytest.mark.parametrize(
    "unit",
    [
        "<", "<a ", "<b ", "<x ", "<!--", "<!", "<?", "</", "</x ", "<script>", "<script><!--",
        "<![CDATA[>", "<![CDATA[",
        "<a b='", "<a b='<a b=\"", "<x></x>", "<title>", "<svg>", "<svg><![CDATA[", "<x y=", "<a =",
        "<foo <foo", "<title></title", "<script></script x", "<x\0", "<b c><", "<foo/>", "<p a ",
    ],
)  # fmt: skip
def test_hostile_markup_is_worked_through(unit):
    text = unit * (100_000 // len(unit)) + "</foo"
    StripHtml().apply(text)
    StripHtml().unfinished(text)


def test_places_of_markup_are_exact():
    text = "x <A HREF='>'>y</A>&lt;\n\n<p>z<script>1</script>"
    edits = [(text[edit.start : edit.end], edit.rule) for edit in StripHtml().edits(text)]
    assert edits == [
        ("<A HREF='>'>", "tag"), ("</A>", "tag"), ("&lt;", "entity"), ("\n\n<p>", "block"),
        ("<script>1</script>", "script"),
    ]  # fmt: skip
