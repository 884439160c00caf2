# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev pack [--publish]

Builds the package and makes the npm tarball that users install: build/package/wasm-chord-VERSION.tgz.
--publish: also publishes it, with provenance; for the release workflow, on a tag that names the version.
END
}

make_tarball() { run npm run --silent pack --prefix web; }

main() {
  local publish=no version
  while [[ $# -gt 0 ]]; do
    case $1 in
      --publish) publish=yes ;;
      *) unknown_option "$1" ;;
    esac
    shift
  done
  build_page
  make_tarball
  [[ $publish == yes ]] || return 0
  version=$(node -p 'require("./web/package.json").version')
  [[ ${GITHUB_REF_NAME:-} == "v$version" ]] ||
    die "the tag '${GITHUB_REF_NAME:-}' is not v$version, which is the version in web/package.json"
  # This npm publishes by the workflow's identity, without a token.
  need_own_nodes
  run "$NODE26" tools/node/node_modules/npm/bin/npm-cli.js publish --provenance --access public \
    "build/package/wasm-chord-$version.tgz"
}
