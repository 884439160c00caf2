#include "mix.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace chord::cli {
namespace {

using quant::Type;

// `early` is for the first blocks (an eighth of them; of attn_v in q4_k_s the first four), `some` for the
// first and last eighth and every third block between, `rest` for the blocks that neither takes.
constexpr Mix kMixes[] = {
    {"f32", Type::f32, 0, {}, {}, {}},
    {"f16", Type::f16, 1, {}, {}, {}},
    {"bf16", Type::bf16, 32, {}, {}, {}},
    {"q8_0", Type::q8_0, 7, {}, {}, {}},
    {"q4_0", Type::q4_0, 2, {}, {}, {}},
    {"q4_1", Type::q4_1, 3, {}, {}, {}},
    {"q5_0", Type::q5_0, 8, {}, {}, {}},
    {"q5_1", Type::q5_1, 9, {}, {}, {}},
    {"q2_k", Type::q2_k, 10, {{}, {}, Type::q3_k}, {{}, {}, Type::q3_k}, {{}, {}, Type::q3_k}},
    {"q2_k_s", Type::q2_k, 21, {}, {Type::q4_k, {}, {}}, {}},
    {"q3_k_s", Type::q3_k, 11, {}, {}, {}},
    {"q3_k_m",
     Type::q3_k,
     12,
     {Type::q5_k, {}, Type::q4_k},
     {Type::q5_k, {}, Type::q4_k},
     {{}, {}, Type::q4_k}},
    {"q3_k_l", Type::q3_k, 13, {{}, {}, Type::q5_k}, {{}, {}, Type::q5_k}, {{}, {}, Type::q5_k}},
    {"q4_k_s", Type::q4_k, 14, {Type::q5_k, {}, {}}, {Type::q5_k, {}, {}}, {}},
    {"q4_k_m", Type::q4_k, 15, {{}, Type::q6_k, {}}, {{}, Type::q6_k, {}}, {}},
    {"q5_k_s", Type::q5_k, 16, {}, {}, {}},
    {"q5_k_m", Type::q5_k, 17, {{}, Type::q6_k, {}}, {{}, Type::q6_k, {}}, {}},
    {"q6_k", Type::q6_k, 18, {}, {}, {}},
};

// Names that people use for the medium mix.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"q3_k", "q3_k_m"}, {"q4_k", "q4_k_m"}, {"q5_k", "q5_k_m"}};

// What stands in where rows are no whole number of the type's blocks.
Type fitting(Type type, uint64_t columns) {
  if (columns % quant::traits(type).block_length == 0) return type;
  switch (type) {
    case Type::q2_k:
    case Type::q3_k:
      type = Type::q4_0;
      break;
    case Type::q4_k:
      type = Type::q5_0;
      break;
    case Type::q5_k:
      type = Type::q5_1;
      break;
    default:
      type = Type::q8_0;
      break;
  }
  return columns % quant::traits(type).block_length == 0 ? type : Type::f16;
}

struct Place {
  uint64_t block;
  uint64_t block_count;

  bool first_eighth() const { return block < block_count / 8; }
  bool first_sixteenth() const { return block < block_count / 16; }
  bool first_last_or_third() const {
    return first_eighth() || block >= 7 * block_count / 8 || (block - block_count / 8) % 3 == 2;
  }
};

uint64_t unsigned_of(const gguf::Header& header, std::string_view name, uint64_t fallback) {
  const auto architecture = header.metadata.find_string("general.architecture");
  if (!architecture || !*architecture) return fallback;
  const auto value = header.metadata.find_unsigned(std::string(**architecture) + "." + std::string(name));
  return value ? value->value_or(fallback) : fallback;
}

Type pick(const Mix::Role& role, bool early, bool some, Type otherwise) {
  if (early && role.early) return *role.early;
  if (some && role.some) return *role.some;
  return role.rest.value_or(otherwise);
}

bool is_small_k(const Mix& mix) {
  const bool is_small = mix.type == Type::q2_k || mix.type == Type::q3_k || mix.type == Type::q4_k;
  return is_small && mix.name != "q2_k_s";
}

Type value_type(const Mix& mix, const gguf::Header& header, const Place& place) {
  const uint64_t heads = unsigned_of(header, "attention.head_count", 1);
  const uint64_t kv_heads = std::max<uint64_t>(1, unsigned_of(header, "attention.head_count_kv", heads));
  // Values shared by four heads or more are a small part of the file.
  if (mix.type == Type::q2_k && heads / kv_heads >= 4) return Type::q4_k;
  const bool early = place.block < (mix.type == Type::q3_k ? 2u : 4u);
  const Type type = pick(mix.value, early, place.first_last_or_third(), mix.type);
  const bool is_70b = heads / kv_heads == 8 && place.block_count == 80;
  return is_70b && (type == Type::q3_k || type == Type::q4_k) ? Type::q5_k : type;
}

}  // namespace

std::span<const Mix> mixes() {
  return kMixes;
}

const Mix* find_mix(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [alias, meant] : kAliases) {
    if (lower == alias) lower = meant;
  }
  const auto* found = std::ranges::find(kMixes, std::string_view(lower), &Mix::name);
  return found == std::end(kMixes) ? nullptr : found;
}

quant::Type type_in(const Mix& mix, const gguf::Header& header, const gguf::TensorInfo& tensor) {
  const std::string_view name = tensor.name;
  const bool is_matrix = tensor.dimension_count >= 2 && name.ends_with(".weight") && !name.contains("_norm.");
  // Tables of few rows that files keep exact.
  const bool is_small_table = name == "position_embd.weight" || name == "token_types.weight" ||
                              name.ends_with(".ffn_gate_inp.weight");
  if (!is_matrix || is_small_table) return tensor.type;

  const bool output_is_separate = header.find_tensor("output.weight") != nullptr;
  if (name == (output_is_separate ? "output.weight" : "token_embd.weight")) {
    const bool is_small = quant::traits(mix.type).block_length > 1 && mix.type != Type::q8_0;
    return fitting(is_small ? Type::q6_k : mix.type, tensor.columns());
  }
  if (!name.starts_with("blk.")) return fitting(mix.type, tensor.columns());

  const size_t number_end = name.find('.', 4);
  uint64_t block = 0;
  for (const char digit : name.substr(4, number_end - 4))
    block = block * 10 + static_cast<uint64_t>(digit - '0');
  const Place place{block, std::max<uint64_t>(1, unsigned_of(header, "block_count", 1))};
  const std::string_view role = name.substr(number_end + 1);

  // Beside eight experts the attention of all is a small part of the file.
  const bool of_eight =
      unsigned_of(header, "expert_count", 0) == 8 && quant::traits(mix.type).block_length > 1;
  Type type = mix.type;
  if (of_eight && (role == "attn_v.weight" || role == "attn_k.weight")) {
    type = Type::q8_0;
  } else if (role == "attn_v.weight") {
    type = value_type(mix, header, place);
  } else if (role.starts_with("ffn_down")) {
    const bool early = mix.type == Type::q3_k ? place.first_sixteenth() : place.first_eighth();
    type = pick(mix.down, early, place.first_last_or_third(), mix.type);
  } else if (of_eight && role == "attn_output.weight" && is_small_k(mix)) {
    type = Type::q5_k;
  } else if (role == "attn_output.weight") {
    type = pick(mix.output, false, false, mix.type);
  }
  return fitting(type, tensor.columns());
}

}  // namespace chord::cli
