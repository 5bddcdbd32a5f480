# A directory of 5000 entries lists each once, also while every second is deleted and others are made.
. "$COMMON"
mkdir dir && cd dir || exit 1
seq -f 'entry%05.0f' 1 5000 | xargs touch
ls | wc -l
ls -U | sort | uniq -d
find . -type f -name '*[02468]' -delete
ls | wc -l
ls -U | while read -r name; do rm "$name" && echo "$name"; done | head -n 2000 | sort -u | wc -l
find . -type f | while read -r name; do mv "$name" "$name.moved" 2>/dev/null; done
find . -type f ! -name '*.moved' | wc -l
find . -type f | sort | uniq -d
cd .. && rm -r dir && ls -A
