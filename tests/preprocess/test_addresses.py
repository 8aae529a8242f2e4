"""Web and e-mail addresses in text of many scripts."""

import pytest
import step_checks
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.steps.strip import StripUrls

# What stands before and behind an address: without spaces where a script has none or glues
# particles to words, with its own punctuation, and with brackets of its own.
AROUND = {
    "Latin": [("see ", ", now"), ("(", ")."), ("‚", "‘"), ("„", "“ é"), ("l’", "’é"), ("=", ";")],
    "Chinese": [("请联系", "谢谢"), ("见「", "」。"), ("网址：", "，好"), ("（", "）好")],
    "Japanese": [("詳しくは", "をご覧ください。"), ("『", "』へ"), ("連絡先", "です")],
    "Korean": [("주소는 ", "에서 보세요"), ("자세한 것은", "입니다."), ("(", ")를"), ("", "의")],
    "Thai": [("ดู", "ครับ"), ("อีเมล", "ขอบคุณ"), ("ที่ ", " นะ")],
    "Khmer": [("សូមមើល", "។"), ("អ៊ីមែល", "អរគុណ")],
    "Devanagari": [("देखें ", "। ठीक"), ("पता ", "पर"), ("‘", "’")],
    "Tamil": [("பார்க்க ", "இல் உள்ளது"), ("(", ")")],
    "Arabic": [("انظر ", "، ثم"), ("راسلوا", "؟"), ("«", "»"), ("\u200f", "\u200f.")],
    "Hebrew": [("ראו ", ", תודה"), ("ב־", "."), ("ב-", "־כאן")],
    "Greek": [("δείτε ", "· και"), ("στο«", "»"), ("το", "και")],
    "Cyrillic": [("см. ", "; далее"), ("почта:", "в"), ("«", "»."), ("на", "и")],
    "Georgian": [("ნახეთ ", "-ზე"), ("იხ. „", "“"), ("ფოსტა", "და")],
}  # fmt: skip
# Beyond a slash these can be a path: no rule tells that from text without a space.
GLUED = {"पर", "இல் உள்ளது", "και", "в", "и", "და"}
URLS = [
    "http://x.org", "https://example.com/a", "https://x.co.uk/a/b.html?c=d&e=%20#f", "www.x.org",
    "http://x.org:8080/", "http://192.168.0.1/a", "http://[2001:db8::1]:80/a", "ftp://u:p@x.org/z",
    "HTTPS://X.ORG/A", "git+ssh://git@x.org/a.git", "https://x.org/a_(b)", "https://t.me/@someone",
    "http://localhost:3000/a", "file:///etc/hosts", "https://münchen.de/straße",
]  # fmt: skip
EMAILS = ["a@b.org", "first.last+tag@mail.x-y.co.uk", "o'brien@x.org", "x_1%2@x.org", "jürgen@x.de"]
CASES = [
    pytest.param(before, behind, id=f"{script}{number}")
    for script, around in AROUND.items()
    for number, (before, behind) in enumerate(around)
]


@pytest.mark.parametrize(("before", "behind"), CASES)
def test_text_around_addresses_is_not_touched(before, behind):
    step = StripUrls(replacement="U", emails=True, email_replacement="E")
    for url in URLS:
        if url.endswith("/") and behind in GLUED:
            continue
        assert step_checks.check(step, f"{before}{url}{behind}") == f"{before}U{behind}", url
    for email in EMAILS:
        assert step_checks.check(step, f"{before}{email}{behind}") == f"{before}E{behind}", email
        assert step.apply(f"{before} mailto:{email}{behind}") == f"{before} E{behind}", email
        assert StripUrls().apply(f"{before}{email}{behind}") == f"{before}{email}{behind}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # Names of hosts and paths in other scripts.
        ("http://例子.测试/路径。", ["http://例子.测试/路径"]),
        ("http://tokyo日本語.jp/a 見", ["http://tokyo日本語.jp/a"]),
        ("https://zh.wikipedia.org/wiki/C语言 好", ["https://zh.wikipedia.org/wiki/C"]),
        ("https://zh.wikipedia.org/wiki/北京2008年 好", ["https://zh.wikipedia.org/wiki/北京2008年"]),
        ("http://пример.рф/путь, да", ["http://пример.рф/путь"]),
        ("на mail.пример.рф и www.пример.рф", ["www.пример.рф"]),
        ("почта@mail.пример.рф, 用户@例子.广告!", ["почта@mail.пример.рф", "用户@例子.广告"]),
        ("https://fa.wikipedia.org/wiki/می\u200cشود است", ["https://fa.wikipedia.org/wiki/می\u200cشود"]),
        # Text that has no space where it should.
        ("Seehttp://x.org.Then", ["http://x.org"]),
        ("x_http://y.org", ["http://y.org"]),
        ("http://x.org.Спасибо a@b.org.Да b@c.org.See", ["http://x.org", "a@b.org", "b@c.org"]),
        ("http://a.org/x,http://b.org/y;www.c.org", ["http://a.org/x", "http://b.org/y;www.c.org"]),
        ("wait...a@b.org", ["a@b.org"]),
        ("http://x.org/a😀 a@b.org😀", ["http://x.org/a", "a@b.org"]),
        # Brackets, quotation marks, markup.
        ("[a](http://x.org/b_(c)).", ["http://x.org/b_(c)"]),
        ("[http://x.org](http://y.org)x", ["http://x.org", "http://y.org"]),
        ("\\href{http://x.org}{text} <http://z.org>", ["http://x.org", "http://z.org"]),
        ("['http://x.org/a','http://y.org']", ["http://x.org/a", "http://y.org"]),
        ("http://x.org's http://x.org/a's", ["http://x.org", "http://x.org/a"]),
        ("http://x.org’s **http://y.org** _a@b.org_", ["http://x.org", "http://y.org", "a@b.org"]),
        ("`www.x.org` |http://y.org|", ["www.x.org", "http://y.org"]),
        ("<me@a.org>; \"http://x.org\"; http://y.org?!…", ["me@a.org", "http://x.org", "http://y.org"]),
        ("<a href=http://x.org>y</a>", ["http://x.org"]),
        # One in another.
        ("http://a.org/web/http://x.org/ b", ["http://a.org/web/http://x.org/"]),
        ("http://http://y.org", ["http://http://y.org"]),
        ("http://me:p@ss@x.org/ y", ["http://me:p@ss@x.org/"]),
        ("mailto:a@b.org?subject=x%20y&cc=c@d.org ok", ["mailto:a@b.org?subject=x%20y&cc=c@d.org"]),
        ("me@www.x.org a@[192.168.1.1]", ["me@www.x.org", "a@[192.168.1.1]"]),
        # None.
        ("a@b a@b.c @me 联系@b.org a://b http:// ://x.org foo@1.5 x@y..z 3@4 www. wwww.x.org", []),
        # Markup that ends behind an address.
        ("[url]http://x.org/a[/url]", ["http://x.org/a"]),
        ("&lt;http://x.org/a&gt; &quot;http://x.org/?a=1&b=2&#34;", ["http://x.org/a", "http://x.org/?a=1&b=2"]),
        ("==http://x.org/a== $http://x.org/b$", ["http://x.org/a", "http://x.org/b"]),
        ("http://x.org/?q=YQ==", ["http://x.org/?q=YQ=="]),
        # Endings behind an apostrophe.
        ("http://x.org/a'ya http://x.org/b'dan", ["http://x.org/a", "http://x.org/b"]),
        ("http://x.org/Rubik's_Cube", ["http://x.org/Rubik's_Cube"]),
        # Hosts with symbols, with a full stop at the end, or with text right behind.
        ("http://✪df.ws/1 http://➡.ws/a", ["http://✪df.ws/1", "http://➡.ws/a"]),
        ("http://x.org/a_(✪)_b 😀http://x.org/b😀", ["http://x.org/a_(✪)_b", "http://x.org/b"]),
        ("http://x.org./a http://x.org.", ["http://x.org./a", "http://x.org"]),
        ("访问http://例子.中国吧 http://例子.中国:80/a", ["http://例子.中国", "http://例子.中国:80/a"]),
        ("a@例子.中国吧", ["a@例子.中国"]),
    ],
)  # fmt: skip
def test_where_addresses_begin_and_end(text, found):
    assert [text[each.start : each.end] for each in addresses.find(text)] == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see example.org/a, foo.co.uk! 见example.com谢谢", "see D, D! 见D谢谢"),
        ("пример.рф, münchen.de:80/x and 例子.中国。", "D, D and D。"),
        ("e.g. Node.js a.txt 3.14 a.m. x.org.See", "e.g. Node.js a.txt 3.14 a.m. D.See"),
        ("me@example.org @example.org ./example.org", "me@example.org @example.org ./example.org"),
        ("http://a.org www.b.org", "D D"),
    ],
)  # fmt: skip
def test_names_of_hosts_on_request(text, expected):
    assert step_checks.check(StripUrls(replacement="D", domains=True), text) == expected


def test_each_kind_has_its_replacement():
    text = "a@b.org or http://c.org"
    assert StripUrls(emails=True, email_replacement="<mail>").apply(text) == "<mail> or"
    assert StripUrls(emails=True, replacement="<url>", email_replacement="").apply(text) == (
        "or <url>"
    )
    assert StripUrls(emails=True, replacement="<it>").apply(text) == "<it> or <it>"
    with pytest.raises(ArgumentError):
        StripUrls(email_replacement="x")
    kinds = [edit.rule for edit in StripUrls(emails=True, domains=True).edits(f"{text}, d.org")]
    assert kinds == ["email", "url", "domain"]


PARTS = [
    "http://", "www.", "a@b.org", "://", "@", ".", "x", "谢", "я", "é", "(", ")", "'", "[", "]",
    "/", ":", "1", " ", "ww", "-", "_", ",", "A", "\u200c", "\n", "org", "mailto:", "?", "=",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=16).map("".join), st.booleans())
def test_only_addresses_go(text, domains):
    found = list(addresses.find(text, domains=domains))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    step = StripUrls(replacement="\x00", emails=True, domains=domains)
    result = step_checks.check(step, text)
    kept, done = [], 0
    for each in found:
        kept.append(text[done : each.start])
        done = each.end
    assert result == "\x00".join([*kept, text[done:]])


@pytest.mark.parametrize(
    "unit",
    ["http://☃", "http://x☃.", "&#1", "http://a/&#", "a.中国", "http://a/'s", "[/",
        "a@", "@", "://", "http://", "www.", "a.", "я.", "a@a.", "http://x.org/)", "'http://x/'",
        "http://(", "http://x,", "x:y@", "mailto:a@b.org?", "a-", "http", "a.com", "/", "é",
    ],
)  # fmt: skip
def test_hostile_text_is_worked_through(unit):
    text = unit * (100_000 // len(unit))
    for domains in (False, True):
        StripUrls(emails=True, domains=domains).apply(text)
