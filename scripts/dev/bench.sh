# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev bench [NAME] [-- ARGUMENTS]

Builds the native program and the micro-benchmarks, and runs
  chord bench        load, prefill and decode of chord-tiny
  x_bench            the micro-benchmarks of each folder of src/
or only those whose name contains NAME. ARGUMENTS go to the micro-benchmarks (--benchmark_filter=...).
END
}

main() {
  local name=
  if [[ $# -gt 0 && $1 != -- ]]; then
    name=$1
    shift
  fi
  [[ ${1:-} == -- ]] && shift
  build_native
  if [[ chord == *"$name"* ]]; then
    run build/native/bin/chord bench models/chord-tiny/chord-tiny-q8_0.gguf
  fi
  local bench
  while IFS= read -r bench; do
    [[ $(basename "$bench") == *"$name"* ]] && run "$bench" "$@"
  done < <(find build/native -type f -name '*_bench' -perm -u+x | sort)
  return 0
}
