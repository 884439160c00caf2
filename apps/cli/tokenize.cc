#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "model_file.h"

namespace chord::cli {

int tokenize(int argc, char** argv) {
  std::string text;
  std::string file;
  bool no_special = false;
  bool bos = false;
  Arguments arguments("tokenize MODEL --file F [--no-special] [--bos]",
                      "Prints the token ids of a text, separated by spaces. Works on vocabulary-only files.",
                      1);
  arguments.text("file", "F", file, "the text, from a file");
  arguments.text("text", "TEXT", text, "the text itself");
  arguments.flag("no-special", no_special, "the text of special tokens is ordinary text");
  arguments.flag("bos", bos, "begin with the model's BOS token");
  if (const auto code = arguments.parse(argc, argv)) return *code;

  const auto model = ModelFile::open(arguments.operands()[0]);
  if (!model) return kFailure;
  if (!file.empty()) {
    auto content = read_file(file);
    if (!content) return kFailure;
    text = std::move(*content);
  }
  const uint32_t flags = (no_special ? 0 : CHORD_TEXT_SPECIAL) | (bos ? CHORD_TEXT_BOS : 0);
  const auto tokens = model->tokenize(text, flags);
  if (!tokens) return kFailure;
  for (size_t i = 0; i < tokens->size(); ++i) std::printf("%s%d", i == 0 ? "" : " ", (*tokens)[i]);
  std::printf("\n");
  return kSuccess;
}

}  // namespace chord::cli
