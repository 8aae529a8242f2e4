# Files of many kinds are read by their names; what is no text is refused by name.
mkdir -p data
printf 'plain text\n' >data/a.txt
printf 'id,text\n1,"one, two"\n2,three\n' >data/b.csv
printf '[{"id": 3, "text": "four"}]' >data/c.json
printf '{"id": 4, "text": "five", "lang": "en"}\n' | gzip >data/d.jsonl.gz
printf 'six\n' | xz >data/e.txt.xz
(cd data && tar czf f.tar.gz a.txt && rm a.txt)
bpe-tool train-vocab data --column text --vocab-size 262 -o vocab.json
bpe-tool encode -t vocab.json --column text --keep id data/b.csv data/c.json
bpe-tool preprocess --lowercase --column text data/b.csv
bpe-tool encode -t vocab.json data/f.tar.gz data/e.txt.xz
printf '\xff\xd8\xff\xe0\0\20JFIF\0' >data/g.txt
bpe-tool train-vocab data/g.txt --vocab-size 260 -o no.json || echo "exit code $?"
bpe-tool encode -t vocab.json data/b.csv --column nope || echo "exit code $?"
