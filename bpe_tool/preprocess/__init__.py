"""Preprocessing: steps that change text, and pipelines of them."""

from bpe_tool.lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline
    from bpe_tool.preprocess.steps.case import lowercase
    from bpe_tool.preprocess.steps.contractions import expand_contractions
    from bpe_tool.preprocess.steps.digits import remove_digits
    from bpe_tool.preprocess.steps.fix import fix
    from bpe_tool.preprocess.steps.learn_stopwords import learn_stopwords
    from bpe_tool.preprocess.steps.lemma import lemmatize
    from bpe_tool.preprocess.steps.normalize import normalize
    from bpe_tool.preprocess.steps.punctuation import remove_punctuation
    from bpe_tool.preprocess.steps.rephrase import rephrase
    from bpe_tool.preprocess.steps.segment import characters, split_characters, split_words, words
    from bpe_tool.preprocess.steps.slang import expand_slang
    from bpe_tool.preprocess.steps.stem import stem
    from bpe_tool.preprocess.steps.stopwords import remove_stopwords
    from bpe_tool.preprocess.steps.strip import strip_accents, strip_html, strip_urls
    from bpe_tool.preprocess.steps.synonyms import replace_synonyms

__all__ = [
    "Pipeline",
    "characters",
    "expand_contractions",
    "expand_slang",
    "fix",
    "learn_stopwords",
    "lemmatize",
    "lowercase",
    "normalize",
    "remove_digits",
    "remove_punctuation",
    "remove_stopwords",
    "rephrase",
    "replace_synonyms",
    "split_characters",
    "split_words",
    "stem",
    "strip_accents",
    "strip_html",
    "strip_urls",
    "words",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "Pipeline": "pipeline",
        "characters": "steps.segment",
        "expand_contractions": "steps.contractions",
        "expand_slang": "steps.slang",
        "fix": "steps.fix",
        "learn_stopwords": "steps.learn_stopwords",
        "lemmatize": "steps.lemma",
        "lowercase": "steps.case",
        "normalize": "steps.normalize",
        "remove_digits": "steps.digits",
        "remove_punctuation": "steps.punctuation",
        "remove_stopwords": "steps.stopwords",
        "rephrase": "steps.rephrase",
        "replace_synonyms": "steps.synonyms",
        "split_characters": "steps.segment",
        "split_words": "steps.segment",
        "stem": "steps.stem",
        "strip_accents": "steps.strip",
        "strip_html": "steps.strip",
        "strip_urls": "steps.strip",
        "words": "steps.segment",
    },
)
