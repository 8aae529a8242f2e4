"""The live page: text that is typed there, in the tokens of several vocabularies."""
