# Prompts are counted, held to a budget, and cut to fit.
printf 'a b a b' | bpe-tool train-vocab --vocab-size 258 -q -o vocab.json
export BPE_TOOL_TOKENIZER=vocab.json
mkdir prompts
printf 'You are a helpful assistant.\n' >prompts/system.txt
printf 'Question: what is a token?\nAnswer: a b a b a b\n' >prompts/example.txt
bpe-tool count prompts
bpe-tool count --sort tokens --price 2.50 prompts
bpe-tool count --budget 50 prompts || echo "exit code $?"
bpe-tool truncate -n 12 prompts/system.txt
echo
bpe-tool chunk -n 24 --overlap 6 --at word prompts/example.txt
