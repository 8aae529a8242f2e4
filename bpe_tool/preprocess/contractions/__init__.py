"""Writes English contractions out in full: "it's" as "it is" or "it has", "can't" as "cannot".

`grammar` says what a contraction is and finds candidates; `clitic_s`, `clitic_d`, `perfect`
and `aint` decide what those stand for that have several meanings, by the words that
`context` sees around them and what `lexicon` knows of words; `inversion` moves "not" behind
the subject; `step` puts it together.
"""

from bpe_tool.preprocess.contractions.step import ExpandContractions as ExpandContractions
from bpe_tool.preprocess.contractions.step import expand_contractions as expand_contractions
