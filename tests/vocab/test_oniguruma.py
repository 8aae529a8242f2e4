"""Regexes in foreign files, which are Oniguruma's, against Hugging Face's library."""

from random import Random

import constructs
import pytest
from constructs import Both, byte_level, sequence, split

from bpe_tool import VocabError

#: What a regex may be made of, some of it as in published files.
REGEXES = [
    # Words and their edges
    r"\w+|\W", r"[\w-]+@[\w.]+", r"[^\w\s]+", r"[\W_]+", r"\bx", r"\b", r"\B", r"[\w&&[^\d_]]+",
    r"\d{1,3}(?=(?:\d{3})*\b)", r"\{(?=[ \w])", r"\p{Word}+", r"[[:word:]]+", r"[\p{Word}x]+",
    # Classes of POSIX, properties
    r"[[:alpha:]]+", r"[[:^alpha:]]+", r"[[:punct:]]", r"\p{Punct}", r"\P{Graph}", r"[[:print:]]+",
    r"[[:upper:][:digit:]]+", r"\p{^L}+", r"\p{ letter }", r"\h+|\H",
    r"\p{Extended_Pictographic}+", r"\p{Bengali}+|\p{Lowercase_Letter}+",
    # Looking around, and where a search began
    r"(?<=[\u00e9b]):?a", r"(?<=a|bc)e", r"(?<=a+)b", r"(?<!\n)^ ", r"(?<=[a-z])(?=[A-Z])",
    r"(?=[A-Z])", r"\A\p{Nd}{3}|\G\p{Nd}{3}", r"\A\p{Nd}{1,2}(?=\p{Nd}{3}+\z)", r"^", r"^a|b$",
    r"a\Z", r"\Z", r"\p{N}{1,3}(?=(?:\p{N}{3})*(?:\P{N}|$))",
    # Groups, flags, references
    r"(?>a+|ab)b", r"a++b?", r"(?i)b|c", r"a(?i)b|c", r"(?m:.)+", r"(?im)a.b|e", r"(?-i:a)b",
    r"(?#note)a", r"(?<n>a)b", r"(.)\1+", r"([!.])\1*",
    r"(?i: ?(?:[jtm]['’]|qu['’])|é)", r"(?i:\w1)",
    # The empty text
    r"a*", r"\s*", r"|a", "",
    # Escapes and characters
    r"x\R|\R+", r"\N+", r"\O+", r"\e|\_|\é|\%", "\\\n(?=a)", r"a{,3}", r"a{2,3}+", r"{|}|]|x{a}",
    r"[a-c-e]", r"[-a]|[a-]", r"[a[bc]-d]", r"[a&b~]", r"[\b\]]",
]  # fmt: skip

#: Characters that these regexes tell apart.
PIECES = (*constructs.PIECES, "²", "x²", "\u200d", "ⅷ", "‿", "aab", "bc", "xX", "\x1b", "{",
          "}", "]", "-", "&", "~", ":", "@", "123456", "Qu'", "j’", "d’É", "\u2028", "\x08",
          "aB")  # fmt: skip


@pytest.mark.parametrize("regex", REGEXES)
def test_splits_as_in_the_library(regex):
    for behavior, invert in (("Isolated", False), ("Removed", True), ("MergedWithNext", False)):
        part = split({"Regex": regex}, behavior, invert)
        steps = sequence("pre_tokenizer", part, byte_level(use_regex=False))
        both = Both(constructs.make({"pre_tokenizer": steps}, added=False))
        random = Random(regex)
        for _ in range(8):
            text = "".join(random.choices(PIECES, k=random.randrange(1, 12)))
            assert both.difference(text) is None, text


@pytest.mark.parametrize(
    ("regex", "named"),
    [
        (r"\X", r"\X"),
        (r"a\Kb", r"\K"),
        (r"(?~ab)", "(?~ab)"),
        (r"(?x: a )", "(?x:"),
        (r"(?<n>a)\k<n>", r"\k"),
        (r"\p{InArabic}", "InArabic"),
        (r"a**", "repetition"),
        (r"(?i:ss)", "ss"),
        (r"(?i:\p{Lu})", "(?i:"),
    ],
)
def test_what_is_not_translated_is_named(regex, named):
    steps = sequence("pre_tokenizer", split({"Regex": regex}, "Isolated", False), byte_level())
    with pytest.raises(VocabError, match="Split pattern") as caught:
        Both(constructs.make({"pre_tokenizer": steps}, added=False))
    assert named.replace("\\", "\\\\") in str(caught.value)


def test_what_is_put_between_characters_stays_out_before_byte_level():
    insert = {"type": "Replace", "pattern": {"Regex": "^"}, "content": "_"}
    with pytest.raises(VocabError, match="matches the empty text"):
        Both(constructs.make({"normalizer": insert}, added=False))
    Both(constructs.make({"normalizer": insert | {"content": ""}}, added=False))
