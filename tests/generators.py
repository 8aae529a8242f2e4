"""A bank of generators of awkward text, all seeded: the same seed, the same strings.

Each generator makes one string of bytes from a random source. `TEXT` holds those that
make valid UTF-8 only, `BYTES` the others, and `from_tokens` builds strings out of
a vocabulary's own tokens, which finds more than random bytes do.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

Generator = Callable[[Random], bytes]

# First and last code point of the letters of a script; unassigned ones are welcome.
SCRIPTS: dict[str, tuple[int, int]] = {
    "ascii": (0x20, 0x7E),
    "latin": (0xA0, 0x24F),
    "ipa": (0x250, 0x2FF),
    "greek": (0x370, 0x3FF),
    "cyrillic": (0x400, 0x52F),
    "armenian": (0x530, 0x58F),
    "hebrew": (0x590, 0x5FF),
    "arabic": (0x600, 0x6FF),
    "syriac": (0x700, 0x74F),
    "thaana": (0x780, 0x7BF),
    "nko": (0x7C0, 0x7FF),
    "devanagari": (0x900, 0x97F),
    "bengali": (0x980, 0x9FF),
    "gurmukhi": (0xA00, 0xA7F),
    "gujarati": (0xA80, 0xAFF),
    "tamil": (0xB80, 0xBFF),
    "telugu": (0xC00, 0xC7F),
    "kannada": (0xC80, 0xCFF),
    "malayalam": (0xD00, 0xD7F),
    "sinhala": (0xD80, 0xDFF),
    "thai": (0xE00, 0xE7F),
    "lao": (0xE80, 0xEFF),
    "tibetan": (0xF00, 0xFFF),
    "myanmar": (0x1000, 0x109F),
    "georgian": (0x10A0, 0x10FF),
    "hangul jamo": (0x1100, 0x11FF),
    "ethiopic": (0x1200, 0x137F),
    "cherokee": (0x13A0, 0x13FF),
    "canadian": (0x1400, 0x167F),
    "khmer": (0x1780, 0x17FF),
    "mongolian": (0x1800, 0x18AF),
    "georgian extended": (0x1C90, 0x1CBF),
    "latin additional": (0x1E00, 0x1EFF),
    "greek extended": (0x1F00, 0x1FFF),
    "punctuation": (0x2000, 0x206F),
    "super and subscripts": (0x2070, 0x20FF),
    "letterlike and numbers": (0x2100, 0x218F),
    "arrows and mathematics": (0x2190, 0x23FF),
    "enclosed": (0x2460, 0x24FF),
    "shapes and dingbats": (0x2500, 0x27BF),
    "glagolitic and coptic": (0x2C00, 0x2CFF),
    "ideographic punctuation": (0x3000, 0x303F),
    "hiragana": (0x3040, 0x309F),
    "katakana": (0x30A0, 0x30FF),
    "bopomofo": (0x3100, 0x312F),
    "enclosed cjk": (0x3200, 0x33FF),
    "han extension a": (0x3400, 0x4DBF),
    "han": (0x4E00, 0x9FFF),
    "yi": (0xA000, 0xA4CF),
    "vai and others": (0xA500, 0xABFF),
    "hangul": (0xAC00, 0xD7AF),
    "private": (0xE000, 0xF8FF),
    "han compatibility": (0xF900, 0xFAFF),
    "presentation forms": (0xFB00, 0xFDFF),
    "half and full width": (0xFE00, 0xFFEF),
    "ancient": (0x10000, 0x107FF),
    "semitic": (0x10800, 0x10FFF),
    "brahmic": (0x11000, 0x11FFF),
    "cuneiform and hieroglyphs": (0x12000, 0x143FF),
    "kana extended": (0x1AFF0, 0x1B16F),
    "music and mathematics": (0x1D000, 0x1D7FF),
    "adlam": (0x1E900, 0x1E95F),
    "emoji": (0x1F000, 0x1FAFF),
    "han extension b": (0x20000, 0x2A6DF),
    "han extension g": (0x30000, 0x323AF),
    "tags": (0xE0000, 0xE01EF),
    "unassigned": (0x10FF00, 0x10FFFF),
}
SPACES = (
    " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u180e\u2000\u2009\u200b\u2028\u2029\u202f\u3000\ufeff"
)
DIGITS = "0159²½٣۷७৪௧๔༣①Ⅻ〇三𝟘𝟿🄁"
APOSTROPHES = ["'", "\u2019", "\u02bc", "`", "\uff07"]
ENDINGS = ["s", "t", "d", "m", "re", "ve", "ll", "S", "T", "RE", "Ve", "lL", "\u017f", "x", ""]
MARKS = "\u0301\u0308\u0327\u0483\u05b0\u064b\u093c\u0e31\u1ab0\u20dd\u302a\ufe0f\U000e0100"
EMOJI = "😀🙏👩👨👧🚀🏽🏿🇩🇪🇯❤✋☎️⃣"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¿«»—…、。「」・؟।၊€£¥√∞≠"
LOOKALIKES = [
    "<|endoftext|>", "<|endoftext|", "|endoftext|>", "<|endoftext|><|endoftext|>",
    "<|end<|endoftext|>oftext|>", "<|ENDOFTEXT|>", "< |endoftext|>", "<|endoftext|>|>",
    "<s>", "</s>", "<s", "<<s>>", "[PAD]", "[PAD", "<|im_start|>", "<|im_end|>", "<|", "|>",
]  # fmt: skip


def _repeat(random: Random, pick: Callable[[], str], most: int = 24) -> bytes:
    return "".join(pick() for _ in range(random.randint(1, most))).encode()


def _scalar(random: Random, low: int, high: int) -> str:
    while True:
        code = random.randint(low, high)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


def one_script(random: Random) -> bytes:
    """Words of one script between spaces."""
    low, high = random.choice(list(SCRIPTS.values()))
    return _repeat(random, lambda: " " if random.random() < 0.2 else _scalar(random, low, high), 40)


def mixed_scripts(random: Random) -> bytes:
    """Every character of another script."""
    ranges = list(SCRIPTS.values())
    return _repeat(random, lambda: _scalar(random, *random.choice(ranges)))


def scalars_by_length(random: Random) -> bytes:
    """Scalar values of every length in UTF-8, with equal weight."""
    classes = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF)]
    return _repeat(random, lambda: _scalar(random, *random.choice(classes)))


def white_space(random: Random) -> bytes:
    """Runs of white space of all kinds, between words or not."""
    return _repeat(
        random,
        lambda: random.choice(
            [random.choice(SPACES) * random.randint(1, 4), random.choice(" \n\r\t"), "a", "1", "."]
        ),
    )


def digits(random: Random) -> bytes:
    """Digit runs of many scripts."""
    return _repeat(
        random,
        lambda: random.choice(
            [
                random.choice(DIGITS) * random.randint(1, 5),
                str(random.randrange(10**6)),
                " ",
                "a",
                ",",
            ]
        ),
    )


def apostrophes(random: Random) -> bytes:
    """Contractions in every case, and what only looks like them."""
    words = ["it", "I", "don", "WE", "é", "说", "9", " ", "", "\n"]
    return _repeat(
        random,
        lambda: random.choice(words) + random.choice(APOSTROPHES) + random.choice(ENDINGS),
    )


def cases(random: Random) -> bytes:
    """Upper, lower, title case, modifiers and letters without case, and marks between."""
    letters = "aZéÉßẞǅǈʰˀªºıİſЖжΩσςアあ中א" + MARKS
    return _repeat(random, lambda: random.choice([random.choice(letters), "ab", "AB", " ", "'s"]))


def marks(random: Random) -> bytes:
    """Combining marks after letters, digits, spaces and nothing."""
    bases = ["e", "1", " ", "中", ".", "न", "", "\n"]
    return _repeat(
        random,
        lambda: random.choice(bases) + "".join(random.choices(MARKS, k=random.randint(0, 3))),
    )


def emoji(random: Random) -> bytes:
    """Emoji joined, coloured and flagged."""
    return _repeat(
        random, lambda: random.choice([*EMOJI, "\u200d", "\ufe0f", "\U0001f3fd", " ", "a"])
    )


def punctuation(random: Random) -> bytes:
    """Punctuation and symbols next to letters, newlines and slashes."""
    return _repeat(
        random,
        lambda: random.choice(
            [random.choice(PUNCTUATION), "a", " ", "\n", "\r\n", "/", "'s", "Ab"]
        ),
    )


def lookalikes(random: Random) -> bytes:
    """Special tokens, parts of them, and what resembles them."""
    return _repeat(random, lambda: random.choice([*LOOKALIKES, " ", "a", "é", "\n"]), 8)


def repeated(random: Random) -> bytes:
    """One unit repeated about a power of two times."""
    units = ["a", " ", "\n", "ab", "1", "'s", "中", "😀", "é", "!", " a", "a ", "\u0301", "\r\n"]
    times = 2 ** random.randint(1, 9) + random.randint(-1, 1)
    return (random.choice(["", "x", " "]) + random.choice(units) * times).encode()


def line_ends(random: Random) -> bytes:
    """CR, LF, both, byte order marks and NUL."""
    parts = ["\r\n", "\n", "\r", "\n\r", "\ufeff", "\0", "a", " ", "x y", "\0\0", "\n\n"]
    return _repeat(random, lambda: random.choice(parts))


def random_letters(random: Random) -> bytes:
    """One long word."""
    return "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(1, 300))).encode()


def random_bytes(random: Random) -> bytes:
    """Anything."""
    return random.randbytes(random.randint(1, 40))


def broken_utf8(random: Random) -> bytes:
    """Valid text cut inside a character, or with a byte changed, put in, or taken out."""
    text = bytearray(random.choice(list(TEXT.values()))(random))
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text) + 1)
        change = random.randrange(4)
        if change == 0:
            del text[at:]
        elif change == 1:
            del text[at : at + 1]
        elif change == 2:
            text[at:at] = random.choice(
                [b"\x80", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
            )
        else:
            text[at : at + 1] = random.randbytes(1)
    return bytes(text) or b"\xc3"


TEXT: dict[str, Generator] = {
    generator.__name__: generator
    for generator in (
        one_script, mixed_scripts, scalars_by_length, white_space, digits, apostrophes, cases,
        marks, emoji, punctuation, lookalikes, repeated, line_ends, random_letters,
    )
}  # fmt: skip
BYTES: dict[str, Generator] = {
    generator.__name__: generator for generator in (random_bytes, broken_utf8)
}


def texts(seed: int, count: int) -> Iterator[str]:
    """`count` strings of valid text, from every generator in turn."""
    random = Random(seed)
    generators = list(TEXT.values())
    for at in range(count):
        yield generators[at % len(generators)](random).decode()


def byte_strings(seed: int, count: int) -> Iterator[bytes]:
    """`count` strings of bytes, half of them valid text."""
    random = Random(seed)
    generators = [*TEXT.values(), *list(BYTES.values()) * (len(TEXT) // len(BYTES))]
    for at in range(count):
        yield generators[at % len(generators)](random)


def from_tokens(seed: int, count: int, tokens: Sequence[bytes]) -> Iterator[bytes]:
    """`count` strings of tokens set side by side, then cut or changed at random."""
    random = Random(seed)
    for _ in range(count):
        chosen = random.choices(tokens, k=random.randint(1, 8))
        change = random.randrange(4)
        if change == 1:
            chosen = [
                token[random.randint(0, 1) : len(token) - random.randint(0, 1)] for token in chosen
            ]
        text = b"".join(chosen)
        if change == 2:
            text = text[random.randrange(len(text)) :]
        elif change == 3:
            text = text[:-1] + random.randbytes(1)
        yield text


def texts_from_tokens(seed: int, count: int, tokens: Sequence[bytes]) -> Iterator[str]:
    """As `from_tokens`, with what is not valid UTF-8 left out."""
    for text in from_tokens(seed, count, tokens):
        yield text.decode("utf-8", "ignore")


def documents(seed: int, size: int, scripts: Sequence[str] = ("ascii",)) -> list[str]:
    """Documents of about `size` bytes in all: invented words, a few of them frequent.

    Frequencies fall with the rank as in a language, so that training meets both
    clear winners and, near the end, thousands of ties.
    """
    random = Random(seed)
    words = []
    for _ in range(2000):
        low, high = SCRIPTS[random.choice(scripts)]
        stem = "".join(_scalar(random, low, high) for _ in range(random.randint(1, 4)))
        words.append(stem * random.choice([1, 1, 1, 2]))
    if "ascii" in scripts:
        syllables = ["ba", "ne", "ti", "so", "ru", "ka", "le", "mi", "th", "er", "ing", "an"]
        words += ["".join(random.choices(syllables, k=random.randint(1, 4))) for _ in range(2000)]
        random.shuffle(words)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    separators = [" ", " ", " ", " ", ", ", ". ", "\n", "'s ", " 12", "  "]
    made: list[str] = []
    left = size
    while left > 0:
        chosen = random.choices(words, weights, k=random.randint(1, 400))
        made.append("".join(word + random.choice(separators) for word in chosen))
        left -= len(made[-1].encode())
    return made


# The letters of one tiny corpus.
FEW_LETTERS = ["a", "ab", "abc", "a b", "ab\n c", "aé ", "中文a ", "a'sd ", "12 a", "aab\r\n"]


def micro_corpus(random: Random) -> list[str]:
    """A few short documents of few letters: nearly every step meets a tie."""
    letters = random.choice(FEW_LETTERS)
    return [
        "".join(random.choices(letters, k=random.randint(0, 80)))
        for _ in range(random.randint(1, 4))
    ]
