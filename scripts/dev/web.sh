# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev web [--port N]

Builds the package and the page in web/demo, and serves it; prints its address.
END
}

main() {
  build_page
  run npm run --silent serve --prefix web -- "$@"
}
