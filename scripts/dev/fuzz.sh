# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev fuzz [--seconds N] [TARGET ...]

Runs the libFuzzer targets of tests/fuzz with ASan and UBSan, all of them or those named, for N seconds each
(60), as many at a time as there are cores. What they find is kept in build/fuzz/TARGET; an input that fails is
written there as crash-*, and the command fails.
END
}

fuzz_one() {
  local target=$1 seconds=$2 folder=$PWD/build/fuzz/$1 seeds=$PWD/tests/fuzz/seeds/${1%_fuzz} limit=()
  mkdir -p "$folder/corpus"
  [[ -d $seeds ]] || seeds=
  [[ -f tests/fuzz/$target.dict ]] && limit+=("-dict=$PWD/tests/fuzz/$target.dict")
  if "build/sanitize/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$folder/" "${limit[@]}" "$folder/corpus" ${seeds:+"$seeds"} >"$folder/log" 2>&1; then
    echo "ok $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log") inputs in $seconds s"
  else
    tail -n 40 "$folder/log"
    echo "not ok $target: see $folder"
  fi
}

# fuzz SECONDS COUNT TARGET...: runs so many targets at a time, after whatever else wants the cores, and prints a line
# for every one, `ok …` or `not ok …`.
fuzz() {
  local seconds=$1 count=$2
  shift 2
  export -f fuzz_one
  printf '%s\n' "$@" | xargs -P "$count" -I{} nice -n 10 bash -c 'fuzz_one "$@"' _ {} "$seconds"
}

fuzz_targets() {
  local source
  for source in tests/fuzz/*_fuzz.cc; do basename "$source" .cc; done
}

main() {
  local seconds=60 targets=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      --seconds) seconds=${2:?--seconds needs a number} && shift 2 ;;
      -*) unknown_option "$1" ;;
      *) targets+=("$1") && shift ;;
    esac
  done
  [[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(fuzz_targets)
  build_sanitize
  local report
  report=$(fuzz "$seconds" "$(cores)" "${targets[@]}")
  echo "$report"
  ! grep -q '^not ok' <<<"$report"
}
