"""What several steps know of English: inflection, phrases, lemmas. Contractions are in the core."""
