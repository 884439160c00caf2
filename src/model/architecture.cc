#include "model/architecture.h"

namespace chord::model {
namespace {

constexpr Architecture kArchitectures[] = {
    {"llama", llama},
    {"qwen2", qwen2},
    {"qwen3", qwen3},
    {"qwen2moe", qwen2moe},
    {"qwen3moe", qwen3},
    {"olmoe", olmoe},
    {"granite", granite},
    {"granitemoe", granite},
    {"gemma", gemma},
    {"gemma2", gemma2},
    {"gemma3", gemma3},
    {"phi3", phi3},
    {"smollm3", smollm3},
    {"olmo2", olmo2},
    {"bert", bert, /*is_encoder=*/true},
    {"nomic-bert", nomic_bert, /*is_encoder=*/true},
};

}  // namespace

std::span<const Architecture> architectures() {
  return kArchitectures;
}

Result<Model> describe(const gguf::Header& header) {
  CHORD_ASSIGN(const std::string name, read_architecture(header.metadata));
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.name != name) continue;
    Model model;
    CHORD_ASSIGN(model.config, read_config(header));
    if (architecture.is_encoder) model.config.causal = false;
    CHORD_ASSIGN(model.plan, architecture.plan(header, model.config));
    return model;
  }
  std::string known;
  for (const Architecture& architecture : kArchitectures) {
    known += concat(known.empty() ? "" : ", ", architecture.name);
  }
  return fail(ErrorCode::unsupported_architecture, "the file's architecture is \"", name,
              "\"; supported are ", known);
}

}  // namespace chord::model
