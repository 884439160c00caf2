# shellcheck shell=bash
# Installs what is missing, by package name; does nothing, quickly, when all is there.

readonly APT_BUILD="ca-certificates clang-22 cmake libbenchmark-dev libclang-rt-22-dev libgmock-dev libgtest-dev
  llvm-22 ninja-build"
readonly APT_WASM="binaryen clang-22 cmake googletest lld-22 libc++-22-dev-wasm32 libc++abi-22-dev-wasm32
  libclang-rt-22-dev-wasm32 libclang-rt-22-dev-wasm64 llvm-22 ninja-build wasi-libc"
readonly APT_ARM="clang-22 cmake googletest libc6-dev-arm64-cross libstdc++-12-dev-arm64-cross lld-22 ninja-build qemu-user"
readonly APT_LINT="git clang-format-22 clang-tidy-22 shellcheck"
readonly APT_BROWSER="chromium libvulkan1"
readonly APT_FIREFOX="firefox-esr"

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  else
    command -v sudo >/dev/null || die "installing packages needs root or sudo: $*"
    sudo "$@"
  fi
}

# Installs those of the named Debian packages that are missing.
need_apt() {
  command -v dpkg-query >/dev/null || die "this is not Debian; install these yourself: $*"
  local package missing=() installed
  # Its status is of no use: it fails when one of several is unknown to it.
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null || true)
  installed=" $(sed -n 's/^ii  *//p' <<<"$installed" | tr '\n' ' ')"
  for package in "$@"; do
    [[ $installed == *" $package "* ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return
  say "Installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# shellcheck disable=SC2086 # the lists are to be split
need_native() { need_apt $APT_BUILD; }
# shellcheck disable=SC2086
need_wasm() { need_apt $APT_WASM; }
# shellcheck disable=SC2086
need_arm() { need_apt $APT_ARM; }
# shellcheck disable=SC2086
need_lint() { need_apt $APT_LINT; }
# shellcheck disable=SC2086
need_browser() { need_apt $APT_BROWSER; }
# shellcheck disable=SC2086
need_firefox() { need_apt $APT_FIREFOX; }

node_major() { "$1" --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/'; }

# `npm ci` in a folder whose lock file is newer than what is installed there. Arguments: the folder, and what
# to run instead of npm.
npm_ci() {
  local folder=$1 stamp=$1/node_modules/.installed
  if [[ ! -f $stamp || $folder/package-lock.json -nt $stamp ]]; then
    say "Installing the npm packages of $folder"
    run npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error
    touch "$stamp"
  fi
}

# Node 20 and 26 of our own, and npm for them, in tools/node (tools/node/package.json names the versions).
need_own_nodes() {
  command -v npm >/dev/null || need_apt nodejs npm
  npm_ci tools/node
  NODE20=$PWD/tools/node/node_modules/node20/bin/node
  NODE26=$PWD/tools/node/node_modules/node26/bin/node
  export NODE20 NODE26
}

# A `node` of version 20 or later and an `npm` that works with it, on the path. Debian 12's own is 18.
need_node() {
  local major
  major=$(node_major node || true)
  if [[ ${major:-0} -lt 20 ]] || ! command -v npm >/dev/null; then
    need_own_nodes
    mkdir -p build/node-bin
    ln -sf "$NODE26" build/node-bin/node
    ln -sf "$PWD/tools/node/node_modules/npm/bin/npm-cli.js" build/node-bin/npm
    ln -sf "$PWD/tools/node/node_modules/npm/bin/npx-cli.js" build/node-bin/npx
    PATH=$PWD/build/node-bin:$PATH
  fi
}

# The development packages of web/.
need_web() {
  need_node
  npm_ci web
}

# What users of the package run and bundle it with, for the tests.
need_consumers() {
  need_node
  npm_ci tools/consumers
}
