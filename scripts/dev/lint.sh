# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev lint [--fix] [CHECK ...]

Runs these checks, or those named:
  format    clang-format over every C++ file
  includes  no include climbs out of its folder
  tidy      clang-tidy, its findings as errors; a file that has passed is not looked at again until it, a
            header it includes or a flag changes
  web       TypeScript: generated ABI up to date, format, types, eslint
  shell     shellcheck over every shell script
  portable  no path of somebody's machine, no package host, no large file
--fix: lets clang-format and prettier rewrite what they find.
END
}

readonly CHECKS="format includes shell portable web tidy"

tracked() { git ls-files -- "$@"; }

lint_format() {
  local mode=(--dry-run -Werror)
  [[ $fix == no ]] || mode=(-i)
  tracked '*.h' '*.c' '*.cc' | xargs clang-format-22 "${mode[@]}"
}

lint_includes() {
  ! git grep -nE '^ *#include +"\.\./' -- src apps include
}

lint_tidy() {
  configure_preset native -B build/tidy -DCHORD_PRECOMPILE=OFF
  run cmake --build build/tidy --target chord_test_headers
  run node scripts/dev/tidy.mjs build/tidy build/lint "$(cores)"
}

lint_web() {
  need_web
  if [[ $fix == yes ]]; then run npm run --silent format --prefix web; fi
  run npm run --silent lint --prefix web
  # The scripts that are no part of the package.
  tracked '*.mjs' ':!web' | xargs web/node_modules/.bin/prettier --config web/.prettierrc.json "$([[ $fix == yes ]] && echo --write || echo --check)"
}

lint_shell() {
  tracked dev .ci/run '*.sh' | xargs shellcheck --external-sources
}

# What must be in no file: a path below somebody's home, and the hosts that this machine installs packages from.
# The hosts are asked for, not listed, so that no file has to name one.
lint_portable() {
  local failed=0 host large
  if git grep -nIE '(^|[^[:alnum:]_.~-])/(home|Users|root|work)/[[:alnum:]]' -- ':!*.gguf'; then
    echo "these lines hold a path of one machine"
    failed=1
  fi
  while IFS= read -r host; do
    if git grep -nIF "$host"; then
      echo "these lines name a package host"
      failed=1
    fi
  done < <({
    npm config get registry 2>/dev/null
    grep -hsoE 'https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d/*
  } | sed -nE 's#^https?://([^/:@]*@)?([^/:]+\.[^/:]+).*#\2#p' | sort -u)
  if git grep -nE '"resolved": "http' -- '*package-lock.json'; then
    echo "these lock files name a package host: set omit-lockfile-registry-resolved in .npmrc"
    failed=1
  fi
  large=$(tracked | grep -v '^models/' | while IFS= read -r file; do
    if [[ -f $file && $(stat -c %s "$file") -gt 524288 ]]; then echo "$file"; fi
  done)
  if [[ -n $large ]]; then
    echo "larger than 512 KB: $large"
    failed=1
  fi
  return $failed
}

main() {
  local check checks=() failed=() begin status
  fix=no
  while [[ $# -gt 0 ]]; do
    case $1 in
      --fix) fix=yes ;;
      -*) unknown_option "$1" ;;
      *)
        [[ " $CHECKS " == *" $1 "* ]] || die "there is no check '$1'; there are: $CHECKS"
        checks+=("$1")
        ;;
    esac
    shift
  done
  # shellcheck disable=SC2206 # the list is to be split
  [[ ${#checks[@]} -gt 0 ]] || checks=($CHECKS)
  need_lint
  need_native
  need_node
  for check in "${checks[@]}"; do
    say "Lint: $check"
    begin=$SECONDS
    # In a subshell with its own errexit, which an `if` would switch off.
    set +e
    (
      set -e
      "lint_$check"
    )
    status=$?
    set -e
    [[ $status -eq 0 ]] || failed+=("$check")
    echo "$((SECONDS - begin)) s"
  done
  [[ ${#failed[@]} -eq 0 ]] || die "lint failed: ${failed[*]}"
  say "Lint passed"
}
