#!/bin/sh
# Try gate.sh without an application: two stand-ins that make up their answers, of which
# v2 resolves as many as the first argument says (0.9), v1 0.5.
set -eu
here=$(dirname "$0")
serve() { exec weir sim-upstream --protocol openai --listen 127.0.0.1:0 --latency 5ms --first-token 1ms "$@"; }
serve --seed 1 --resolved 0.5 >v1.log 2>&1 & v1=$!
serve --seed 2 --resolved "${1:-0.9}" >v2.log 2>&1 & v2=$!
trap 'kill $v1 $v2' EXIT
address() { # that the stand-in with that log listens on
  for _ in $(seq 100); do
    if grep -q 'listens on' "$1"; then sed -n 's/.*listens on //p' "$1"; return; fi
    sleep 0.1
  done
  cat "$1" >&2
  return 1
}
V1_URL=$(address v1.log)
V2_URL=$(address v2.log)
export V1_URL V2_URL
"$here/gate.sh"
