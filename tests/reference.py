"""Training, encoding and decoding in plain Python: slow, obvious, and the oracle.

Nothing here is clever. Each step recounts everything, each merge looks at every
pair. Text is split by Oniguruma through `tokenizers`, whose Unicode tables are of the
same version as those of the core; Python's `regex` and `unicodedata` are not.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby, pairwise, product
from typing import Any

from tokenizers import Regex, pre_tokenizers

Pair = tuple[bytes, bytes]

CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
ENDING = r"\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
ASCII_PUNCTUATION = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"

NOT_HAN_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
NOT_HAN_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
# Letters with case, in an older version of Unicode.
CASED = (
    "[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293"
    "\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c"
    "\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5"
    "\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59"
    "\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc"
    "\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107"
    "\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139"
    "\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee"
    "\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e"
    "\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f"
    "\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2"
    "\U000118a0-\U000118df\U0001e900-\U0001e943]"
)

PATTERNS: dict[str, list[str]] = {
    "gpt2": [r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"],
    # As tiktoken has it today: white space at the end of a text is one pretoken.
    "cl100k": [
        rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}"
        rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s+\z|{ENDING}"
    ],
    "llama3": [
        rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}"
        rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{ENDING}"
    ],
    "o200k": [
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?"
        rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{ENDING}"
    ],
    "qwen2": [
        rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}"
        rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{ENDING}"
    ],
    "qwen3.5": [
        rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}"
        rf"| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{ENDING}"
    ],
    "tekken": [
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*"
        rf"|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{ENDING}"
    ],
    "kimi-k2": [
        rf"[\p{{Han}}]+|[^\r\n\p{{L}}\p{{N}}]?{NOT_HAN_UPPER}*{NOT_HAN_LOWER}+{CONTRACTION}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?{NOT_HAN_UPPER}+{NOT_HAN_LOWER}*{CONTRACTION}?"
        rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{ENDING}"
    ],
    "digits-gpt2": [
        r"\p{N}",
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    ],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", EAST_ASIAN, r"\p{N}"],
    "deepseek-v2": [
        r"[\r\n]",
        rf"\s?{CASED}+",
        "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
        r"\s+$",
        EAST_ASIAN,
        r"\p{N}",
    ],
    "deepseek-v3": [
        r"\p{N}{1,3}",
        "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
        rf"{ASCII_PUNCTUATION}[A-Za-z]+|[^\r\n\p{{L}}\p{{P}}\p{{S}}]?[\p{{L}}\p{{M}}]+"
        rf"| ?[\p{{P}}\p{{S}}]+[\r\n]*|{ENDING}",
    ],
    "bloom": [" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"],
    "whitespace": [r"\S+|\s+"],
    "none": [],
}


def with_superwords(pattern: str) -> list[str]:
    """The pattern in which words with single spaces between them are one pretoken."""
    letter = r"[\p{L}\p{M}]" if pattern in ("o200k", "qwen3.5", "tekken") else r"\p{L}"
    word = rf"\p{{L}}{letter}*"
    return [rf"[^\r\n\p{{L}}\p{{N}}]?{word}(?:['’ ]{word})+|{PATTERNS[pattern][0]}"]


BETWEEN_WORDS = re.compile(rb"(?<=[^ \t\n\f\r]) (?=[^ \t\n\f\r])")


@cache
def splitter(regex: str) -> pre_tokenizers.PreTokenizer:
    """The Oniguruma engine for one split."""
    return pre_tokenizers.Split(Regex(regex), "isolated")


def pretokenize(text: bytes, splits: Sequence[str]) -> list[bytes]:
    """Split `text`; each maximal run of bytes outside valid UTF-8 is one pretoken."""
    pieces = []
    decoded = text.decode("utf-8", "surrogateescape")
    for escaped, group in groupby(decoded, lambda c: "\udc80" <= c <= "\udcff"):
        piece = "".join(group)
        if escaped:
            pieces.append(piece.encode("utf-8", "surrogateescape"))
            continue
        stretch = [piece]
        for regex in splits:
            stretch = [
                part for whole in stretch for part, _ in splitter(regex).pre_tokenize_str(whole)
            ]
        pieces += [part.encode() for part in stretch]
    return pieces


def split_special(text: bytes, special_tokens: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut special tokens out: the leftmost, and of those that start together the longest."""
    position = 0
    while position < len(text):
        found = [(text.find(token, position), -len(token)) for token in special_tokens]
        start, length = min((f for f in found if f[0] >= 0), default=(len(text), 0))
        if start > position:
            yield text[position:start], False
        position = start - length
        if length:
            yield text[start:position], True


def count_pretokens(
    documents: Iterable[bytes], splits: Sequence[str], special_tokens: Iterable[bytes] = ()
) -> Counter[bytes]:
    """How often each pretoken occurs; special tokens are left out."""
    specials = list(special_tokens)
    counts: Counter[bytes] = Counter()
    for document in documents:
        for piece, is_special in split_special(document, specials):
            if not is_special:
                counts.update(pretokenize(piece, splits))
    return counts


def alphabet_order(alphabet: str) -> list[int]:
    """The 256 byte values in order of id."""
    if alphabet == "byte":
        return list(range(256))
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return shown + [byte for byte in range(256) if byte not in shown]


def allows(
    token: bytes,
    *,
    max_token_bytes: int | None = None,
    max_token_chars: int | None = None,
    max_words: int | None = None,
    whole_characters: bool = False,
    blocked_tokens: Collection[bytes] = (),
    allowed_tokens: Collection[bytes] | None = None,
) -> bool:
    """Whether the rules allow a token."""
    # Bytes outside valid UTF-8 are of characters as their values say.
    chars = sum(byte & 0xC0 != 0x80 for byte in token) + (token[0] & 0xC0 == 0x80)
    return (
        (max_token_bytes is None or len(token) <= max_token_bytes)
        and (max_token_chars is None or chars <= max_token_chars)
        and (max_words is None or len(BETWEEN_WORDS.split(token)) <= max_words)
        and (not whole_characters or is_text(token) or token in parts_of_characters())
        and token not in blocked_tokens
        and (allowed_tokens is None or token in allowed_tokens)
    )


def is_text(token: bytes) -> bool:
    """Whether a token is valid UTF-8."""
    return token.decode(errors="replace").encode() == token


@cache
def parts_of_characters() -> frozenset[bytes]:
    """All that is some of a character's bytes, but not all of them."""
    # Every second byte that a first one allows, and any others.
    seconds = {
        chr(code).encode()[:2] for code in range(0x80, 0x110000, 64) if not 0xD800 <= code < 0xE000
    }
    continuations = [bytes([byte]) for byte in range(0x80, 0xC0)]
    parts = {first[:1] for first in seconds} | {first for first in seconds if first[0] >= 0xE0}
    parts |= {first + last for first in seconds if first[0] >= 0xF0 for last in continuations}
    for length in (1, 2, 3):
        parts |= set(map(b"".join, product(continuations, repeat=length)))
    return frozenset(parts)


def train(
    counts: Mapping[bytes, int],
    merges: int,
    *,
    alphabet: str = "byte",
    min_frequency: int = 1,
    before: Sequence[Pair] = (),
    **rules: Any,
) -> list[Pair]:
    """Learn up to `merges` merges. Pairs overlap when they are counted (`aaa` holds two).

    `before` are merges of a vocabulary that is continued.
    """
    order = alphabet_order(alphabet)
    tokens = [bytes([byte]) for byte in order]
    tokens += [left + right for left, right in before]
    ranks = {pair: rank for rank, pair in enumerate(before)}
    words = [
        ([tokens.index(token) for token in merge_listed(word, ranks)], n)
        for word, n in counts.items()
    ]
    learned = []
    while len(learned) < merges:
        pairs: Counter[tuple[int, int]] = Counter()
        for word, n in words:
            for pair in pairwise(word):
                if allows(tokens[pair[0]] + tokens[pair[1]], **rules):
                    pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < max(1, min_frequency):
            break
        left, right = best
        assert tokens[left] + tokens[right] not in tokens
        learned.append((tokens[left], tokens[right]))
        tokens.append(tokens[left] + tokens[right])
        words = [(merge_all(word, best, len(tokens) - 1), n) for word, n in words]
    return learned


def train_with_seeds(
    counts: Mapping[bytes, int],
    merges: int,
    seeds: Iterable[bytes],
    *,
    alphabet: str,
    **options: Any,
) -> list[Pair]:
    """Learn as `train` does, after the merges that make `seeds`: a corpus of their own."""
    blocked = options.get("blocked_tokens", ())
    first = train(dict.fromkeys(seeds, 1), 10**6, alphabet=alphabet, blocked_tokens=blocked)
    return first + train(counts, merges - len(first), alphabet=alphabet, before=first, **options)


def train_with_superwords(
    documents: Sequence[bytes],
    merges: int,
    words: int,
    pattern: str,
    *,
    specials: Iterable[bytes] = (),
    **options: Any,
) -> list[Pair]:
    """Learn as `train` does; after up to `words` merges, go on where words are joined."""
    first = train(count_pretokens(documents, PATTERNS[pattern], specials), words, **options)
    joined = count_pretokens(documents, with_superwords(pattern), specials)
    return first + train(joined, merges - len(first), before=first, max_words=4, **options)


def merge_all(word: list[int], pair: tuple[int, int], token: int) -> list[int]:
    """Replace every occurrence of `pair`, leftmost first."""
    merged: list[int] = []
    position = 0
    while position < len(word):
        if tuple(word[position : position + 2]) == pair:
            merged.append(token)
            position += 2
        else:
            merged.append(word[position])
            position += 1
    return merged


def merge_listed(pretoken: bytes, ranks: Mapping[Pair, int]) -> list[bytes]:
    """Apply listed merges: of all pairs the lowest rank, of equals the leftmost."""
    return _merge(pretoken, lambda left, right: ranks.get((left, right)))


def merge_ranked(pretoken: bytes, ids: Mapping[bytes, int]) -> list[bytes]:
    """Merge whatever spells a token, lowest id first; a whole token stays whole."""
    if pretoken in ids:
        return [pretoken]
    return _merge(pretoken, lambda left, right: ids.get(left + right))


def _merge(pretoken: bytes, rank_of: Callable[[bytes, bytes], int | None]) -> list[bytes]:
    parts = [pretoken[i : i + 1] for i in range(len(pretoken))]
    while True:
        ranks = [(rank_of(*pair), at) for at, pair in enumerate(pairwise(parts))]
        best = min(((rank, at) for rank, at in ranks if rank is not None), default=None)
        if best is None:
            return parts
        at = best[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]


def vocabulary(
    merges: Sequence[Pair], special_tokens: Sequence[str] = (), alphabet: str = "byte"
) -> tuple[dict[bytes, int], dict[bytes, int]]:
    """The ids of a trained vocabulary's tokens, and those of its special tokens."""
    tokens = [bytes([byte]) for byte in alphabet_order(alphabet)]
    tokens += [left + right for left, right in merges]
    ids = {token: id for id, token in enumerate(tokens)}
    return ids, {text.encode(): len(tokens) + at for at, text in enumerate(special_tokens)}


def encode(
    text: bytes,
    splits: Sequence[str],
    ids: Mapping[bytes, int],
    ranks: Mapping[Pair, int] | None,
    special_ids: Mapping[bytes, int] = {},
) -> list[int]:
    """Text to ids, by listed merges and their `ranks`, or without them by id.

    `special_ids` are those to be recognised: none under the policy `"text"`.
    """
    out = []
    for piece, is_special in split_special(text, special_ids):
        if is_special:
            out.append(special_ids[piece])
            continue
        for pretoken in pretokenize(piece, splits):
            parts = merge_ranked(pretoken, ids) if ranks is None else merge_listed(pretoken, ranks)
            out += [ids[part] for part in parts]
    return out


def decode(sequence: Iterable[int], ids: Mapping[bytes, int]) -> bytes:
    """Ids to bytes. `ids` holds the special tokens too."""
    tokens = {id: token for token, id in ids.items()}
    return b"".join(tokens[id] for id in sequence)
