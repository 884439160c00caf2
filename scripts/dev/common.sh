# shellcheck shell=bash
# What the commands of ./dev share.

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() {
  echo "dev: $*" >&2
  exit 1
}

# Prints a command and runs it.
run() {
  echo "+ $*"
  "$@"
}

cores() { nproc; }

# The arguments that a command of ./dev does not know.
unknown_option() { die "unknown option '$1'; ./dev $command --help tells which there are"; }

# Configures (once) and builds a CMake preset, or only some of its targets.
build_preset() {
  local preset=$1 target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  if [[ ! -f build/$preset/build.ninja ]]; then
    run cmake --preset "$preset" "${launcher[@]}"
  fi
  run cmake --build "build/$preset" --parallel "$(cores)" "${targets[@]}"
}
