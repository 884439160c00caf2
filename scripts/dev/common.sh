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
# shellcheck disable=SC2154 # ./dev sets it
unknown_option() { die "unknown option '$1'; ./dev $command --help tells which there are"; }

# Configures a CMake preset, with more arguments if there are any; also one that is: sources may have come since.
configure_preset() {
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  run cmake --preset "$1" "${@:2}" "${launcher[@]}" --log-level=WARNING
}

build_preset() {
  configure_preset "$1"
  # For precompiled headers.
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  run cmake --build "build/$1" --parallel "$(cores)"
}
