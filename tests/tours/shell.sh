# In pipes and scripts: completion, manual pages, exit codes, quiet ends.
printf 'abab' | bpe-tool train-vocab --vocab-size 257 -q -o v.json
printf "ab\n%.0s" 1 2 3 4 5 | bpe-tool encode -t v.json | head -2
bpe-tool encod -t v.json </dev/null || echo "exit code $?"
bpe-tool encode -t none.json </dev/null || echo "exit code $?"
bpe-tool encode -t v.json missing.txt || echo "exit code $?"
printf '97 nonsense\n' | bpe-tool decode -t v.json || echo "exit code $?"
bpe-tool completion bash | grep -c _BPE_TOOL_COMPLETE
bpe-tool man encode | head -3 | tail -2
printf 'ab\n' >f.txt
bpe-tool preprocess --lowercase f.txt -o f.txt && cat f.txt
bpe-tool preprocess --remove-stopwords english f.txt || echo "exit code $?"
bpe-tool --version | head -1 | cut -d ' ' -f 1
