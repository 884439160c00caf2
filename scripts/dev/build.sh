# shellcheck shell=bash

help() {
  cat <<'END'
./dev build [native|sanitize|wasm|wasi|web|page ...]

Builds the named parts, or all but sanitize:
  native    the library, the program `chord`, tests, micro-benchmarks   build/native
  sanitize  the same with ASan and UBSan, and the fuzz targets          build/sanitize
  wasm      chord.wasm and the kernel modules                           build/wasm/bin
  wasi      the program `chord` for WASI                                build/wasi/bin
  web       the npm package, from the wasm modules                      web/dist
  page      the page in web/demo, from the package                      web/demo/dist
END
}

build_native() {
  need_native
  build_preset native
}
build_sanitize() {
  need_native
  build_preset sanitize
}
build_wasm() {
  need_wasm
  build_preset wasm
}
build_wasi() {
  need_wasm
  build_preset wasi
}
build_web() {
  build_wasm && make_web
}
build_page() {
  build_web && make_page
}
make_web() {
  need_web && run npm run --silent build --prefix web
}
make_page() {
  run npm run --silent page --prefix web
}

main() {
  local part
  [[ $# -gt 0 ]] || set -- native wasi page
  for part in "$@"; do
    case $part in
      native | sanitize | wasm | wasi | web | page)
        say "Building: $part"
        "build_$part"
        ;;
      *) die "there is no part '$part'; ./dev build --help tells which there are" ;;
    esac
  done
}
