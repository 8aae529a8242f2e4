# A folder of pages and notes becomes clean text, and nothing else is touched.
mkdir -p raw/pages raw/.cache
printf '<p>It&#39;s <b>late</b>, isn&#39;t it?</p>\n<p>Write to me@example.org.</p>\n' >raw/pages/one.html
printf 'THE   Second page, of 2024.\n\n' >raw/notes.txt
printf 'hidden\n' >raw/.cache/old.txt
printf '\x89PNG\r\n\x1a\n\0\0' >raw/logo.png
bpe-tool preprocess --strip-html --strip-urls --expand-contractions --lowercase raw -o clean
find clean -type f | sort
cat clean/pages/one.html clean/notes.txt
# What did it change?
bpe-tool preprocess --expand-contractions --lowercase --diff raw/notes.txt
# The same steps as a file, for later.
printf 'version = 1\n\n[[steps]]\nstep = "lowercase"\n' >steps.toml
bpe-tool preprocess --pipeline steps.toml raw/notes.txt
