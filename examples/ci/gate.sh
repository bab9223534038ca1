#!/bin/sh
# Run the cases against both versions and end with the verdict as the exit status:
# 0 promote, 3 hold, 4 rollback, 5 invalid. What every CI of this folder calls.
#   RELEASE   names the run; a new run is a new one
#   V1_URL, V2_URL   where the versions are
#   ALLOW     hold lets hold pass
# Arguments are handed on to weir gate, such as --github.
set -eu
here=$(dirname "$0")
: "${RELEASE:?name the run, such as the number of the build}"
weir replay --spec "$here/weir.yaml" --cases "$here/cases.jsonl" --lake lake --release "$RELEASE" --trials 2
if [ -n "${JUDGE:-}" ]; then # a spec with a judge, and OPENAI_API_KEY
  weir judge --spec "$JUDGE" --lake lake
fi
weir gate --spec "$here/weir.yaml" --lake lake --release "$RELEASE" \
  --format json --output record.json --junit weir.xml --markdown summary.md ${ALLOW:+--allow "$ALLOW"} "$@"
