"""The characters that people write where an apostrophe is meant."""

#: The ASCII one first. U+02BC is a letter to Unicode, the others are punctuation or symbols.
APOSTROPHES = "'\u2019\u2018\u02bc\uff07\u00b4\u0060\u201b"

#: Turns each of them into the ASCII one, with `str.translate`.
STRAIGHT = dict.fromkeys(map(ord, APOSTROPHES), "'")
