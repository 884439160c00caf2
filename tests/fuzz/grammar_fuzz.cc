// Grammars, schemas and regular expressions of any kind, and texts that are followed through them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/constraint.h"
#include "grammar/gbnf.h"
#include "grammar/schema.h"

namespace {

using namespace chord;
using namespace chord::grammar;

Result<Program> compile(uint8_t kind, std::string_view text) {
  Builder builder;
  Characters characters(builder);
  auto root = kind % 2 == 0 ? add_gbnf(builder, characters, text, {})
                            : add_json_schema(builder, characters, "root", text);
  if (!root) return std::unexpected(std::move(root).error());
  return builder.finish(*root);
}

std::shared_ptr<const Vocabulary> bytes_and_pairs() {
  std::string bytes;
  std::vector<uint32_t> ends;
  for (uint32_t i = 0; i < 512; ++i) {
    if (i >= 256) bytes += "{\"a:1,[é"[i % 8];
    bytes += static_cast<char>(i % 256);
    ends.push_back(static_cast<uint32_t>(bytes.size()));
  }
  ends.push_back(static_cast<uint32_t>(bytes.size()));
  return std::make_shared<const Vocabulary>(std::move(bytes), std::move(ends), std::vector<int32_t>{512});
}

}  // namespace

// A first byte that chooses between grammar and schema, the grammar, a zero byte, and numbers that choose
// tokens. NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const auto vocabulary = bytes_and_pairs();
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view text = input.substr(0, input.find('\0'));
  input.remove_prefix(std::min(text.size() + 1, input.size()));
  auto program = compile(data[0], text);
  if (!program) {
    if (program.error().message().empty()) __builtin_trap();
    return 0;
  }
  Constraint constraint(std::make_shared<const Program>(std::move(*program)), vocabulary);
  std::vector<float> logits;
  for (const char choice : input.substr(0, 40)) {
    logits.assign(vocabulary->size(), 1);
    if (!constraint.filter(logits, 0)) return 0;  // too ambiguous
    std::vector<int32_t> allowed;
    for (int32_t token = 0; token < static_cast<int32_t>(logits.size()); ++token) {
      if (logits[static_cast<size_t>(token)] == 1) allowed.push_back(token);
    }
    // Never stuck: a text can always go on or end.
    if (allowed.empty()) __builtin_trap();
    const int32_t token = allowed[static_cast<uint8_t>(choice) % allowed.size()];
    if (!constraint.accept(token)) __builtin_trap();
    if (token == 512) break;
  }
  return 0;
}
