#include "gguf/prologue.h"

#include <bit>

#include "gguf/utf8.h"
#include "gguf/value_bytes.h"

namespace chord::gguf {
namespace {

// Names what the file seems to be instead, with what to do where that is known; empty if nothing is.
std::string_view guess(std::string_view bytes) {
  struct Signature {
    std::string_view prefix;
    std::string_view meaning;
  };
  static constexpr Signature kSignatures[] = {
      {"version https://git-lfs",
       ": a Git LFS pointer instead of the file it stands for; fetch it with git lfs pull"},
      {"<!DOCTYPE", ": a web page; is the address that of the file itself?"},
      {"<!doctype", ": a web page; is the address that of the file itself?"},
      {"<html", ": a web page; is the address that of the file itself?"},
      {"{", ": JSON, perhaps a server's error message"},
      {"Entry not found", ": a server's error message"},
      {"Invalid", ": a server's error message"},
      {"PK\x03\x04", ": a ZIP archive, perhaps a PyTorch checkpoint; convert the model to GGUF"},
      {"\x1f\x8b", ": a gzip file; decompress it first"},
      {"lmgg", ": a ggml file from before GGUF; convert the model again"},
      {"fmgg", ": a ggmf file from before GGUF; convert the model again"},
      {"tjgg", ": a ggjt file from before GGUF; convert the model again"},
      {std::string_view("\0\0\0\0", 4), ": zeros; was the download interrupted?"},
  };
  for (const Signature& signature : kSignatures) {
    if (bytes.starts_with(signature.prefix)) return signature.meaning;
  }
  // Safetensors begins with the length of the JSON object that follows.
  if (bytes.size() > 8 && bytes[8] == '{') return ": a safetensors file; convert the model to GGUF";
  return "";
}

}  // namespace

Result<void> check_magic(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) == kMagic.substr(0, bytes.size())) return {};
  return fail(ErrorCode::invalid_gguf, "not a GGUF file: it begins with ", quoted(bytes.substr(0, 16)),
              ", not \"GGUF\"", guess(bytes));
}

Result<uint32_t> read_version(std::string_view bytes) {
  const auto version = load<uint32_t>(bytes.data() + kMagic.size());
  if (version == 2 || version == 3) return version;
  const uint32_t swapped = std::byteswap(version);
  if (swapped >= 1 && swapped <= 0xFFFF) {
    return fail(ErrorCode::unsupported_format, "a big-endian GGUF file (version ", swapped,
                " with its bytes swapped); only little-endian files are supported: convert it with "
                "gguf-convert-endian");
  }
  if (version == 1) {
    return fail(ErrorCode::unsupported_format,
                "GGUF version 1 is not supported, 2 and 3 are; convert the model again");
  }
  return fail(ErrorCode::unsupported_format, "GGUF version ", version, " is not supported; 2 and 3 are");
}

}  // namespace chord::gguf
