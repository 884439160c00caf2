# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev web [--port N]

Builds the package and serves the demo page; prints its address.
END
}

main() {
  build_web
  run npm run --silent serve --prefix web -- "$@"
}
