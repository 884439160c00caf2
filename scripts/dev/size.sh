# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev size

Builds the package and prints what one user downloads of each build (node, web-cpu, web-webgpu), wasm and
script, raw and compressed. Fails above the budgets.
END
}

main() {
  [[ $# -eq 0 ]] || unknown_option "$1"
  build_web
  run npm run --silent size --prefix web
}
