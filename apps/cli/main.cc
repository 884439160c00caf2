#include <cstdio>
#include <string_view>

#include "arguments.h"
#include "chord.h"
#include "commands.h"

namespace {

struct Command {
  std::string_view name;
  const char* summary;
  int (*run)(int argc, char** argv);
};

constexpr Command kCommands[] = {
    {"run", "generate text from a prompt", chord::cli::run},
    {"info", "what a GGUF file holds", chord::cli::info},
    {"embed", "print the embeddings of texts", chord::cli::embed},
    {"bench", "measure loading, prefill and decoding", chord::cli::bench},
    {"quantize", "write a file with smaller weights", chord::cli::quantize},
    {"synth", "write a model of random weights", chord::cli::synth},
    {"tokenize", "print the token ids of a text", chord::cli::tokenize},
    {"logits", "print the logits of given token ids", chord::cli::logits},
    {"perplexity", "how well a model predicts a text", chord::cli::perplexity},
};

void print_usage(std::FILE* out) {
  std::fprintf(out,
               "chord %s: large language models from GGUF files\n\nusage: chord COMMAND [--help] ...\n\n",
               chord_version());
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-12s %s\n", command.name.data(), command.summary);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc > 1 ? argv[1] : "";
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(argc - 1, argv + 1);
  }
  if (name == "--help" || name == "help") {
    print_usage(stdout);
    return chord::cli::kSuccess;
  }
  if (name == "--version") {
    std::printf("%s\n", chord_version());
    return chord::cli::kSuccess;
  }
  if (!name.empty()) std::fprintf(stderr, "chord: there is no command '%s'\n\n", argv[1]);
  print_usage(stderr);
  return chord::cli::kUsage;
}
