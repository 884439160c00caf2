# shellcheck shell=bash
source scripts/dev/build.sh

help() {
  cat <<'END'
./dev demo ["any prompt"]

Builds what is needed and answers "What is the capital of France?", or the prompt given, with the bundled
model (models/chord-tiny) through the wasm package in Node; then prints speeds and the sizes of the modules.
END
}

main() {
  [[ $# -le 1 ]] || die "one prompt, in quotes"
  # What is built is not what is to be seen: it is shown only if it fails.
  local log
  mkdir -p build
  log=$(mktemp build/demo.XXXXXX)
  echo "Building (the first time takes a few minutes) ..."
  if ! build_web >"$log" 2>&1; then
    cat "$log"
    die "the build failed"
  fi
  rm "$log"
  node scripts/dev/demo.mjs "$@"
}
