// The architectures that chord runs.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "gguf/reader.h"
#include "model/config.h"
#include "plan/plan.h"

namespace chord::model {

// One file each.
Result<plan::Plan> llama(const gguf::Header& header, const Config& config);
Result<plan::Plan> qwen2(const gguf::Header& header, const Config& config);
Result<plan::Plan> qwen3(const gguf::Header& header, const Config& config);
Result<plan::Plan> gemma(const gguf::Header& header, const Config& config);
Result<plan::Plan> gemma2(const gguf::Header& header, const Config& config);
Result<plan::Plan> gemma3(const gguf::Header& header, const Config& config);
Result<plan::Plan> qwen2moe(const gguf::Header& header, const Config& config);
Result<plan::Plan> olmoe(const gguf::Header& header, const Config& config);
Result<plan::Plan> granite(const gguf::Header& header, const Config& config);
Result<plan::Plan> phi3(const gguf::Header& header, const Config& config);
Result<plan::Plan> smollm3(const gguf::Header& header, const Config& config);
Result<plan::Plan> olmo2(const gguf::Header& header, const Config& config);
Result<plan::Plan> bert(const gguf::Header& header, const Config& config);
Result<plan::Plan> nomic_bert(const gguf::Header& header, const Config& config);

struct Architecture {
  std::string_view name;  // general.architecture
  Result<plan::Plan> (*plan)(const gguf::Header& header, const Config& config);
  bool is_encoder = false;  // every token sees the whole text
};

std::span<const Architecture> architectures();

struct Model {
  Config config;
  plan::Plan plan;
};

// unsupported_architecture for a name that is not in the table; invalid_model for metadata or tensors that
// are missing or misshapen.
Result<Model> describe(const gguf::Header& header);

}  // namespace chord::model
