"""What holds for every step of preprocessing, whatever the text."""

import itertools
import re

import generators
from hypothesis import strategies

from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.step import Step

NASTY = [
    "",
    " ",
    "\n",
    "\r\n",
    "\0",
    "a\0b.\0 1\0",
    "one.\r\n two - \r\n\r\n3\r",
    "\ud800 lone \udfff.1",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪🇫🇷🇮 👍🏽 #️⃣",
    "e\u0301\u0323\u0308 \u0301 \u200d \u0915\u094d\u0937\u093f",
    "שלום, עולם! \u202bمرحبا ١٢٣\u202c",
    "\x01\x02 a\x01.\x02 it\x02's \ufdd0\x01",
    "ΣΑΣ'ΟΔΟΣ. İIıi I\u0307 I\u0323\u0307",
    "中文2024年，全角１２３ ｶﾞ が か\u3099 한글 ㄱㅏ \u1112\u1161\u11ab",
    "<p>a &amp; b</p> https://a.b/(c). x@y.zz 1st H2O 3.14",
    "\u2028a\u2029\x85b\x0bc\x0cd \x1ce",
]
UNITS = [
    "a", " ", ".", "1", "a.", " .", ". ", "a-", "1.", "1 ", "'", "a'", "\u0301", "İ", "Σ",
    "😀\u200d",
    "🇩", "\u094d", "<", "<a ", "<!--", "<script>", "<a b='<a b=\"", "&", "&amp;", "http://", "www.",
    "(", "\u2000", "\r\n", "\x01", "中", "가", "\u1100", "ß", "x@", ")", "A.",
]  # fmt: skip

TEXT = strategies.one_of(
    strategies.text(),
    strategies.text("aZé1２.,'’-–_ \t\n\r\xa0<>/b&;:@\u0301\u200d😀中가Σİ\x01\x02", max_size=24),
    strategies.integers(0, 10**6).map(lambda seed: "".join(generators.texts(seed, 3))),
)


def check(step: Step, text: str) -> str:
    """Apply a step in every way, and check that all agree."""
    edits = step.edits(text)
    for edit in edits:
        assert text[edit.start : edit.end] != edit.text, edit
        assert edit.rule
        assert 0 < edit.confidence <= 1
    for one, next_one in itertools.pairwise(edits):
        assert one.end <= next_one.start, (one, next_one)
    result = step.apply(text)
    assert result == apply_edits(text, edits)
    if step.by_line:
        assert "".join(map(step.apply, re.findall(r"[^\n]*\n|[^\n]+", text))) == result
    if step.idempotent:
        assert step.apply(result) == result
    return result


def check_all(step: Step, texts: list[str]) -> None:
    """Check many texts at once, with and without line feeds among them."""
    expected = [step.apply(text) for text in texts]
    assert step.apply_all(texts) == expected
    lines = [
        (text, result) for text, result in zip(texts, expected, strict=True) if "\n" not in text
    ]
    assert step.apply_all([text for text, _ in lines]) == [result for _, result in lines]
    assert step.apply_all([]) == []
