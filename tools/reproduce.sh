#!/usr/bin/env bash
# Builds the release program of HEAD twice, in two folders of different name and depth, without a cache, and compares the
# bytes: what a State runs can be made again, by anyone, from the source alone. Ends with 1 if the two differ.
#
# usage: tools/reproduce.sh FOLDER   (made anew; both programs of both builds stay there)
set -euo pipefail
folder=$(realpath -m "$1")
cd "$(dirname "$0")/.."
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH CCACHE_DISABLE=1
[ -z "$(git status --porcelain)" ] || echo "reproduce: what is not committed is not built"

rm -rf "$folder"
for place in one a/second/and/longer; do
  mkdir -p "$folder/$place"
  git archive HEAD | tar -x -C "$folder/$place"
  (cd "$folder/$place" && cmake --preset release >configure.log && ninja -C build/release --quiet comity comity-survey)
  # What is compared does not read where it came from: the folder goes before the next one is built.
  for program in comity comity-survey; do
    mv "$folder/$place/build/release/bin/$program" "$folder/$program.${place%%/*}"
  done
  rm -rf "${folder:?}/${place%%/*}"
done
cd "$folder"
for program in comity comity-survey; do
  sha256sum $program.one $program.a
  if cmp $program.one $program.a; then
    echo "reproduce: two builds, the same $(stat -c %s $program.one) bytes"
  else
    echo "reproduce: the two builds differ (diffoscope $program.one $program.a says where)"
    exit 1
  fi
done
