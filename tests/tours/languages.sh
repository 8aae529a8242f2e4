# How fair is a vocabulary to several languages?
mkdir texts
for i in 1 2 3 4 5; do printf 'the house is old and the sea is cold\n'; done >texts/en.txt
for i in 1 2 3 4 5; do printf 'das Haus ist alt und die See ist kalt\n'; done >texts/de.txt
for i in 1 2 3 4 5; do printf 'το σπίτι είναι παλιό και η θάλασσα κρύα\n'; done >texts/el.txt
bpe-tool train-vocab texts/en.txt --vocab-size 275 -q -o english.json
bpe-tool train-vocab texts --vocab-size 300 -q -o all.json
bpe-tool count -t english.json -t all.json texts
bpe-tool inspect corpus -t english.json texts | grep -A 4 ^Parity
bpe-tool inspect diff english.json all.json texts/el.txt | head -12
bpe-tool inspect corpus -t all.json texts --html report.html
ls report.html
