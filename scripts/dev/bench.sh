# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev bench [NAME] [-- ARGUMENTS]

Builds the native program and the micro-benchmarks, and runs
  chord bench        load, prefill and decode of chord-tiny
  x_bench            the micro-benchmarks of each folder of src/
or only those whose name contains NAME. ARGUMENTS go to the micro-benchmarks (--benchmark_filter=...).

./dev bench --shape NAME [--type TYPE] [...]

Makes a model of random weights in build/bench-models (chord synth --help lists shapes and types) and runs the
native program's benchmark and the package's in Node on it. Both take what follows: --prompt 64,512 --runs 3 ...

./dev bench --peers [...]

Runs the package in headless Chromium and in Node 26, the native program, wllama in the same Chromium and llama.cpp
natively on the same files, in turns, and prints speeds, ratios and which of them are what this project wants. What
cannot run here is left out, and it is said why. The other engines come from npm, on the first time.
  --shape NAME --type T,...  the files, made as above (tinyllama-1.1b; q4_k_m,q4_0,q8_0); and chord-tiny
  --model FILE               files of one's own instead, by a path from the root of the repository
  --engines NAME,...         of chromium, wllama, node, node-simd128 (without relaxed SIMD), native, llama.cpp
  --threads N                for each engine that has threads (all cores)
  --prompt N --generate N    tokens (64, 32)
  --runs N                   generations that count (3), after a second of them that does not
  --json FILE                all of it as JSON, too

./dev bench --compare REVISION [...]

Builds the revision in build/compare, and this checkout, and runs the native program's and the package's benchmark of
both in turns; prints speeds and the ratios of after to before: median and range over the rounds.
  --shape --type --model --prompt --generate  as above (of one type, 16 tokens generated)
  --rounds N                                  how often each (5)
  --fail-below X                              fail where a ratio is below X, by the median and by the best rounds, and is again
                                              in a second try
END
}

bench_shape() {
  local shape=$1 type=q4_k_m model
  shift
  if [[ ${1:-} == --type ]]; then
    type=${2:?--type needs the name of a type}
    shift 2
  fi
  build_native
  build_web
  model=$(node scripts/bench/models.mjs "$shape" "$type")
  need_own_nodes
  run build/native/bin/chord bench "$model" "$@"
  run "$NODE26" web/dist/cli.js bench "$model" "$@"
}

bench_peers() {
  need_browser
  build_native
  build_web
  need_own_nodes
  npm_ci tools/peers
  run "$NODE26" scripts/bench/peers.mjs "$@"
}

# The program and the package of a checkout, without tests.
build_to_compare() (
  cd "$1" || exit
  configure_preset native
  run cmake --build build/native --parallel "$(cores)" --target chord_cli
  configure_preset wasm
  run cmake --build build/wasm --parallel "$(cores)"
  npm_ci web
  run npm run --silent build --prefix web
)

bench_compare() {
  local revision before
  revision=$(git rev-parse --verify --quiet "$1^{commit}") || die "there is no revision '$1'"
  before=build/compare/$revision
  if [[ ! -d $before ]]; then
    git worktree prune
    run git worktree add --detach --force "$before" "$revision"
  fi
  need_native
  need_wasm
  need_node
  need_own_nodes
  build_to_compare "$before"
  build_to_compare .
  run node scripts/bench/compare.mjs "$PWD/$before" "$PWD" "${@:2}"
}

bench_all() {
  local name='' bench
  if [[ $# -gt 0 && $1 != -- ]]; then
    name=$1
    shift
  fi
  [[ ${1:-} == -- ]] && shift
  build_native
  if [[ chord == *"$name"* ]]; then
    run build/native/bin/chord bench models/chord-tiny/chord-tiny-q8_0.gguf
  fi
  while IFS= read -r bench; do
    [[ $(basename "$bench") == *"$name"* ]] && run "$bench" "$@"
  done < <(find build/native -type f -name '*_bench' -perm -u+x | sort)
  return 0
}

main() {
  case ${1:-} in
    --shape) bench_shape "${2:?--shape needs the name of a shape}" "${@:3}" ;;
    --compare) bench_compare "${2:?--compare needs a revision}" "${@:3}" ;;
    --peers) bench_peers "${@:2}" ;;
    -?*)
      [[ $1 == -- ]] || unknown_option "$1"
      bench_all "$@"
      ;;
    *) bench_all "$@" ;;
  esac
}
