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

Prints what each suite counted and how long it took, and ends with "N passed, N failed, N skipped". Tests that
need the data of ../shared skip, and say so, where that folder is absent.
END
}

readonly SUITES="native arm64 sanitize program wasi node26 node20 browser webgpu firefox package size workflows fuzz"

readonly reporter=(--test-reporter=spec)

# Runs the CTest tests of a preset; leaves its reports where count_suite looks for them.
ctest_preset() {
  local reports=$PWD/build/test/$1
  rm -rf "$reports" && mkdir -p "$reports/gtest"
  GTEST_OUTPUT=xml:$reports/gtest/ run ctest --test-dir "build/$1" --parallel "$(cores)" --timeout 600 \
    --output-on-failure --no-tests=error --output-junit "$reports/junit.xml"
}

# Builds what several suites use in the first of them that runs.
once() {
  local done=build/test/$1.done
  [[ -e $done ]] || { "$1" && touch "$done"; }
}

suite_native() {
  build_native && ctest_preset native
}
suite_arm64() {
  need_arm && configure_preset arm64 && run cmake --build --preset arm64 --parallel "$(cores)" && ctest_preset arm64
}
suite_sanitize() {
  build_sanitize && ctest_preset sanitize
}
suite_program() {
  build_native && run env CHORD_PROGRAM=native "$NODE20" --test --test-concurrency="$(cores)" "${reporter[@]}" tests/program/*.test.mjs
}
# Node 26 has relaxed SIMD, and starts in half the time.
suite_wasi() {
  build_wasm && build_wasi &&
    run env CHORD_PROGRAM=wasi "$NODE26" --no-warnings --test --test-concurrency="$(cores)" "${reporter[@]}" \
      tests/program/*.test.mjs src/cpu/kernels/kernels.test.mjs
}
suite_node26() {
  once build_web && (cd web && run "$NODE26" tools/test.mjs node)
}
suite_node20() {
  once build_web && (cd web && run "$NODE20" tools/test.mjs node)
}
suite_browser() {
  need_browser && once build_web && once make_page && (cd web && run "$NODE20" tools/test.mjs browser)
}
suite_webgpu() {
  need_browser && once build_web && (cd web && run "$NODE26" tools/test.mjs webgpu)
}
# Node 26, because the package that drives Firefox asks for more than 20.
suite_firefox() {
  need_firefox && once build_web && once make_page && (cd web && run "$NODE26" tools/test.mjs firefox)
}
suite_package() {
  need_browser && need_consumers && once build_web && once make_page && make_tarball && (cd web && run "$NODE20" tools/test.mjs package)
}
suite_size() {
  once build_web && run npm run --silent size --prefix web && echo "ok within the budgets"
}
suite_workflows() {
  need_web && run node --test "${reporter[@]}" tests/workflows.test.mjs tests/bench.test.mjs
}
# The targets one after the other, beside the suites that follow: most of those leave a core idle.
begin_fuzz() {
  local targets
  mapfile -t targets < <(fuzz_targets)
  [[ -x build/sanitize/tests/fuzz/${targets[0]} ]] || return 0
  fuzz "$fuzz_seconds" 1 "${targets[@]}" >build/test/fuzz.report 2>&1 &
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

passed=0 failed=0 skipped=0 summary=()

run_suite() {
  local suite=$1 begin=$SECONDS status=0 counts p f s
  say "Suite: $suite"
  # Not in an `if`, which would switch off the suite's own errexit.
  set +e
  (
    set -e
    "suite_$suite"
  ) 2>&1 | tee "build/test/$suite.log"
  status=${PIPESTATUS[0]}
  set -e
  counts=$(count_suite "$suite" || echo "0 0 0")
  read -r p f s <<<"$counts"
  # A suite that broke before it could count a failure, or ran nothing, has failed.
  if [[ $f -eq 0 && ($status -ne 0 || $((p + s)) -eq 0) ]]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  summary+=("$(printf '%-10s %6d passed %4d failed %4d skipped %5d s' "$suite" "$p" "$f" "$s" $((SECONDS - begin)))")
}

main() {
  local suite suites=()
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
  # shellcheck disable=SC2206 # the list is to be split
  [[ ${#suites[@]} -gt 0 ]] || suites=($SUITES)
  need_node
  need_own_nodes
  mkdir -p build/test
  rm -f build/test/*.done
  [[ -d ../shared ]] || echo "../shared is absent: the tests that need its data will skip"
  for suite in "${suites[@]}"; do
    run_suite "$suite"
    if [[ $suite == sanitize && " ${suites[*]} " == *" fuzz "* ]]; then begin_fuzz; fi
  done
  say "Summary"
  printf '%s\n' "${summary[@]}"
  if [[ $skipped -gt 0 ]]; then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  [[ $failed -eq 0 ]]
}
