"""The characters that people write for an apostrophe."""

from bpe_tool._core import APOSTROPHES as APOSTROPHES

#: Maps each of them to the ASCII apostrophe, for `str.translate`.
STRAIGHT = dict.fromkeys(map(ord, APOSTROPHES), "'")
