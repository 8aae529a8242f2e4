"""A text, steps, and what they make of it: for tests of preprocessing as processes."""

TEXT = b"It's LATE, don't wait.\r\n\nWE utilize it in order to go"
CLEAN = b"it is late do not wait\r\n\nwe utilize it in order to go"
STEPS_GIVEN = ["--lowercase", "--remove-punctuation", "--expand-contractions"]
PREPROCESS = ["preprocess", *STEPS_GIVEN]
