"""The characters that people write where an apostrophe is meant."""

from bpe_tool._core import APOSTROPHES as APOSTROPHES

#: Turns each of them into the ASCII one, which is the first, with `str.translate`.
STRAIGHT = dict.fromkeys(map(ord, APOSTROPHES), "'")
