#!/usr/bin/env bash
# What action.yml runs: replay, decide, write the summary, end with the verdict as the status. Its inputs are in the environment.
set -euo pipefail
weir=${WEIR:-$RUNNER_TEMP/weir}
out=$RUNNER_TEMP/weir-out
mkdir -p "$out"
if [ -n "$CASES" ]; then
  "$weir" replay --spec "$SPEC" --cases "$CASES" --lake "$LAKE" --release "$RELEASE" --trials "$TRIALS"
fi
status=0
"$weir" gate --spec "$SPEC" --lake "$LAKE" --release "$RELEASE" --format json --output "$out/record.json" \
  --junit "$out/weir.xml" --markdown "$out/summary.md" ${ALLOW:+--allow "$ALLOW"} || status=$?
if [ -f "$out/summary.md" ]; then
  cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
case $status in
  0) verdict=promote ;; 3) verdict=hold ;; 4) verdict=rollback ;; 5) verdict=invalid ;; *) verdict= ;;
esac
if [ -f "$out/record.json" ]; then # --allow hold ends with 0
  verdict=$(sed -nE 's/^.*"verdict": *"([a-z]+)".*$/\1/p' "$out/record.json" | tail -n 1)
fi
{
  echo "verdict=$verdict"
  echo "record=$out/record.json"
} >>"$GITHUB_OUTPUT"
if [ "$status" -ne 0 ]; then
  echo "::error title=Weir::${verdict:-the gate failed}: see the summary"
fi
exit "$status"
