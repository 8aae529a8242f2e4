# A vocabulary is learned, looked at, used, and not replaced by accident.
for i in 1 2 3 4 5 6 7 8 9; do
    printf 'the cat sat on the mat, and the cat was the one that sat %s\n' "$i"
done >corpus.txt
bpe-tool train-vocab corpus.txt --vocab-size 280 --special-token '<|end|>' -o vocab
ls vocab
printf 'the cat sat\n' | bpe-tool encode -t vocab | tee ids.txt
bpe-tool decode -t vocab ids.txt
bpe-tool train-vocab corpus.txt --vocab-size 290 -o vocab || echo "exit code $?"
bpe-tool inspect lint -t vocab || echo "exit code $?"
bpe-tool encode -t vocab corpus.txt --eos '<|end|>' --format npz -o shards
bpe-tool shards verify shards
bpe-tool batch --length 8 --pack best-fit --pad '<|end|>' -t vocab shards --stats | head -12
