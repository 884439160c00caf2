// Which type each tensor gets in a file of a usual name ("q4_k_m"): most tensors the name's own, and those
// whose error costs most a larger one. The choices are those that llama.cpp's files of the same names hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gguf/reader.h"
#include "quant/type.h"

namespace chord::cli {

struct Mix {
  std::string_view name;  // "q4_k_m"
  quant::Type type;
  uint32_t file_type;  // general.file_type
  // Per role; nothing: `type`. See mix.cc for `early`, `some` and `rest`.
  struct Role {
    std::optional<quant::Type> early, some, rest;
  };
  Role value;   // attn_v
  Role down;    // ffn_down
  Role output;  // attn_output
};

std::span<const Mix> mixes();
const Mix* find_mix(std::string_view name);  // in any case; nullptr if unknown

// The type that the tensor is written with.
quant::Type type_in(const Mix& mix, const gguf::Header& header, const gguf::TensorInfo& tensor);

}  // namespace chord::cli
