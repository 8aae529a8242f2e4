"""What several steps know of English: inflection, phrases, lemmas."""
