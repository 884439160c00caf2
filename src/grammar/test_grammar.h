// Grammars and schemas in tests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "grammar/characters.h"
#include "grammar/gbnf.h"
#include "grammar/matcher.h"
#include "grammar/program.h"
#include "grammar/schema.h"

namespace chord::grammar {

inline Result<Program> gbnf(std::string_view text) {
  Builder builder;
  Characters characters(builder);
  CHORD_ASSIGN(const Rule root, add_gbnf(builder, characters, text, {}));
  return builder.finish(root);
}

inline Result<Program> schema(std::string_view text) {
  Builder builder;
  Characters characters(builder);
  CHORD_ASSIGN(const Rule root, add_json_schema(builder, characters, "root", text));
  return builder.finish(root);
}

// "yes", "no", "more" for a text that only begins one; or the error's message.
inline std::string verdict(const Result<Program>& program, std::string_view text) {
  if (!program) return program.error().message();
  Matcher matcher(*program);
  const Matcher::Position position = matcher.step(matcher.start(), text);
  if (position == Matcher::kDead) return "no";
  return matcher.is_complete(position) ? "yes" : "more";
}

}  // namespace chord::grammar
