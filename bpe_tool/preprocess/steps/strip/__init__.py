"""Steps that strip markup, addresses or accents."""

from bpe_tool.preprocess.steps.strip.accents import StripAccents as StripAccents
from bpe_tool.preprocess.steps.strip.accents import strip_accents as strip_accents
from bpe_tool.preprocess.steps.strip.markup import StripHtml as StripHtml
from bpe_tool.preprocess.steps.strip.markup import strip_html as strip_html
from bpe_tool.preprocess.steps.strip.urls import StripUrls as StripUrls
from bpe_tool.preprocess.steps.strip.urls import strip_urls as strip_urls
