# shellcheck shell=bash
source scripts/dev/build.sh
source scripts/dev/fuzz.sh
source scripts/dev/pack.sh

help() {
  cat <<'END'
./dev test [--only SUITE]... [--fuzz-seconds N]

Builds and runs every test, in these suites:
  native     unit tests, and a C11 program on the installed library
  arm64      every kernel on 64-bit Arm, under qemu-user
  sanitize   the same with ASan and UBSan
  program    the program end to end, and the reference texts and logits
  wasi       the same with the program under node:wasi; every kernel in WebAssembly
  node26     the package in Node 26
  node20     the package in Node 20
  browser    the package in headless Chromium
  webgpu     the package on the GPU, which is SwiftShader: in Node 26 and in headless Chromium
  firefox    the package in headless Firefox, on the CPU
  package    the npm tarball, installed and run in Node, Bun and Deno, bundled by Vite and webpack
  size       the budgets of what a user downloads
  workflows  the CI workflows call only ./dev; what is made of benchmarks
  fuzz       every fuzz target, for a minute (N seconds); beside the suites after sanitize

Two suites run at a time, one of what a compiler makes and one of the package. Prints what each counted and how long it
took, and ends with "N passed, N failed, N skipped". Tests that need the data of ../shared skip, and say so, where that
folder is absent.
END
}

# Each lane runs beside the other, and takes about as long: compilers take all cores, browsers and runtimes leave one idle
# half of the time. Fuzzing begins after sanitize, beside both.
readonly LANE_CORE="sanitize native wasi arm64 fuzz"
readonly LANE_PACKAGE="node26 node20 browser firefox package webgpu program size workflows"
readonly SUITES="native arm64 sanitize program wasi node26 node20 browser webgpu firefox package size workflows fuzz"

readonly reporter=(--test-reporter=spec)

# Runs the CTest tests of a preset; leaves its reports where count_suite looks for them.
ctest_preset() {
  local reports=$PWD/build/test/$1
  rm -rf "$reports" && mkdir -p "$reports/gtest"
  GTEST_OUTPUT=xml:$reports/gtest/ run ctest --test-dir "build/$1" --parallel "$(cores)" --timeout 600 \
    --output-on-failure --no-tests=error --output-junit "$reports/junit.xml"
}

# Builds what several suites use in the first of them that runs; one that comes meanwhile waits.
once() {
  local done=build/test/$1.done
  (
    flock 9
    [[ -e $done ]] || { "$1" && touch "$done"; }
  ) 9>"$done.lock"
}
package() { once build_wasm && once make_web; }
page() { package && once make_page; }

suite_native() {
  once build_native && ctest_preset native
}
suite_arm64() {
  need_arm && configure_preset arm64 && run cmake --build --preset arm64 --parallel "$(cores)" && ctest_preset arm64
}
suite_sanitize() {
  build_sanitize && ctest_preset sanitize
}
suite_program() {
  once build_native &&
    run env CHORD_PROGRAM=native "$NODE20" --test --test-concurrency="$(cores)" "${reporter[@]}" tests/program/*.test.mjs
}
# Node 26 has relaxed SIMD, and starts in half the time.
suite_wasi() {
  once build_wasm && build_wasi &&
    run env CHORD_PROGRAM=wasi "$NODE26" --no-warnings --test --test-concurrency="$(cores)" "${reporter[@]}" \
      tests/program/*.test.mjs src/cpu/kernels/kernels.test.mjs
}
suite_node26() {
  package && (cd web && run "$NODE26" tools/test.mjs node)
}
suite_node20() {
  package && (cd web && run "$NODE20" tools/test.mjs node)
}
suite_browser() {
  need_browser && page && (cd web && run "$NODE20" tools/test.mjs browser)
}
# With the program, which makes the models.
suite_webgpu() {
  need_browser && package && once build_native && (cd web && run "$NODE26" tools/test.mjs webgpu)
}
# Node 26, because the package that drives Firefox asks for more than 20.
suite_firefox() {
  need_firefox && page && (cd web && run "$NODE26" tools/test.mjs firefox)
}
suite_package() {
  need_browser && need_consumers && page && make_tarball && (cd web && run "$NODE20" tools/test.mjs package)
}
suite_size() {
  package && run npm run --silent size --prefix web && echo "ok within the budgets"
}
suite_workflows() {
  need_web && run node --test "${reporter[@]}" tests/workflows.test.mjs tests/bench.test.mjs
}
# After the suites that follow, which take what they want of the cores.
begin_fuzz() {
  local targets
  mapfile -t targets < <(fuzz_targets)
  [[ -x build/sanitize/tests/fuzz/${targets[0]} ]] || return 0
  fuzz "$fuzz_seconds" "$(cores)" "${targets[@]}" >build/test/fuzz.report 2>&1 &
  fuzz_job=$!
  trap 'pkill -P "$fuzz_job" || true' EXIT
}
suite_fuzz() {
  local targets report
  mapfile -t targets < <(fuzz_targets)
  if [[ -n $fuzz_job ]]; then
    tail --pid="$fuzz_job" -f /dev/null
    report=$(<build/test/fuzz.report)
  else
    build_sanitize || return
    report=$(fuzz "$fuzz_seconds" "$(cores)" "${targets[@]}")
  fi
  echo "$report"
  [[ $(grep -c '^ok' <<<"$report") -eq ${#targets[@]} ]]
}

# "PASSED FAILED SKIPPED" of a suite that has run.
count_suite() {
  local reports=build/test/$1
  if [[ -f $reports/junit.xml ]]; then
    node scripts/dev/count_tests.mjs ctest "$reports/junit.xml" "$reports/gtest"
  else
    node scripts/dev/count_tests.mjs lines "build/test/$1.log"
  fi
}

# Leaves its result as "PASSED FAILED SKIPPED SECONDS" in a file. What it prints is shown as it comes, or in one piece
# afterwards where another suite runs beside it.
run_suite() {
  local suite=$1 begin=$SECONDS log=build/test/$1.log status=0 counts p f s
  set +e
  if [[ $lanes -eq 1 ]]; then
    say "Suite: $suite"
    # Not in an `if`, which would switch off the suite's own errexit.
    (
      set -e
      "suite_$suite"
    ) 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
  else
    (
      set -e
      "suite_$suite"
    ) >"$log" 2>&1
    status=$?
{
      flock 8
      say "Suite: $suite"
      cat "$log"
    } 8>build/test/output.lock
  fi
  set -e
  counts=$(count_suite "$suite" || echo "0 0 0")
  read -r p f s <<<"$counts"
  # A suite that broke before it could count a failure, or ran nothing, has failed.
  if [[ $f -eq 0 && ($status -ne 0 || $((p + s)) -eq 0) ]]; then f=1; fi
  echo "$p $f $s $((SECONDS - begin))" >"build/test/$suite.result"
}

# Runs those of the wanted suites that are in a lane.
run_lane() {
  local suite
  for suite in "$@"; do
    [[ " ${suites[*]} " == *" $suite "* ]] || continue
    run_suite "$suite"
    if [[ $suite == sanitize && " ${suites[*]} " == *" fuzz "* ]]; then begin_fuzz; fi
  done
}

# Both lanes at once, after what they install: packages are not installed by two.
# shellcheck disable=SC2086 # the lists are to be split
run_lanes() {
  local core
  need_native && need_arm && need_wasm && need_browser && need_firefox && need_web && need_consumers
  trap 'trap - INT TERM; kill 0' INT TERM
  run_lane $LANE_CORE &
  core=$!
  run_lane $LANE_PACKAGE
  wait "$core"
}

main() {
  local suite p f s seconds passed=0 failed=0 skipped=0
  suites=()
  fuzz_seconds=60
  fuzz_job=
  while [[ $# -gt 0 ]]; do
    case $1 in
      --only)
        [[ " $SUITES " == *" ${2:-} "* ]] || die "--only takes one of: $SUITES"
        suites+=("$2") && shift 2
        ;;
      --fuzz-seconds) fuzz_seconds=${2:?--fuzz-seconds needs a number} && shift 2 ;;
      *) unknown_option "$1" ;;
    esac
  done
  lanes=1
  # shellcheck disable=SC2206 # the list is to be split
  [[ ${#suites[@]} -gt 0 ]] || { suites=($SUITES) && lanes=2; }
  need_node
  need_own_nodes
  mkdir -p build/test
  rm -f build/test/*.done build/test/*.result
  [[ -d ../shared ]] || echo "../shared is absent: the tests that need its data will skip"
  # shellcheck disable=SC2086
  if [[ $lanes -eq 2 ]]; then run_lanes; else run_lane $SUITES; fi
  say "Summary"
  for suite in $SUITES; do
    [[ " ${suites[*]} " == *" $suite "* ]] || continue
    read -r p f s seconds <"build/test/$suite.result"
    printf '%-10s %6d passed %4d failed %4d skipped %5d s\n' "$suite" "$p" "$f" "$s" "$seconds"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  done
  if [[ $skipped -gt 0 ]]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [[ $failed -eq 0 ]]
}
