#include "quant/type.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace chord::quant {
namespace {

constexpr TypeTraits kTypes[] = {
    {.type = Type::f32, .name = "F32", .block_length = 1, .block_bytes = 4, .is_weight = true},
    {.type = Type::f16, .name = "F16", .block_length = 1, .block_bytes = 2, .is_weight = true},
    {.type = Type::q4_0, .name = "Q4_0", .block_length = 32, .block_bytes = 18, .is_weight = true},
    {.type = Type::q4_1, .name = "Q4_1", .block_length = 32, .block_bytes = 20, .is_weight = true},
    {.type = Type::q5_0, .name = "Q5_0", .block_length = 32, .block_bytes = 22, .is_weight = true},
    {.type = Type::q5_1, .name = "Q5_1", .block_length = 32, .block_bytes = 24, .is_weight = true},
    {.type = Type::q8_0, .name = "Q8_0", .block_length = 32, .block_bytes = 34, .is_weight = true},
    {.type = Type::q8_1, .name = "Q8_1", .block_length = 32, .block_bytes = 36, .is_weight = false},
    {.type = Type::q2_k, .name = "Q2_K", .block_length = 256, .block_bytes = 84, .is_weight = true},
    {.type = Type::q3_k, .name = "Q3_K", .block_length = 256, .block_bytes = 110, .is_weight = true},
    {.type = Type::q4_k, .name = "Q4_K", .block_length = 256, .block_bytes = 144, .is_weight = true},
    {.type = Type::q5_k, .name = "Q5_K", .block_length = 256, .block_bytes = 176, .is_weight = true},
    {.type = Type::q6_k, .name = "Q6_K", .block_length = 256, .block_bytes = 210, .is_weight = true},
    {.type = Type::q8_k, .name = "Q8_K", .block_length = 256, .block_bytes = 292, .is_weight = true},
    {.type = Type::iq4_nl, .name = "IQ4_NL", .block_length = 32, .block_bytes = 18, .is_weight = true},
    {.type = Type::iq4_xs, .name = "IQ4_XS", .block_length = 256, .block_bytes = 136, .is_weight = true},
    {.type = Type::i8, .name = "I8", .block_length = 1, .block_bytes = 1, .is_weight = false},
    {.type = Type::i16, .name = "I16", .block_length = 1, .block_bytes = 2, .is_weight = false},
    {.type = Type::i32, .name = "I32", .block_length = 1, .block_bytes = 4, .is_weight = false},
    {.type = Type::i64, .name = "I64", .block_length = 1, .block_bytes = 8, .is_weight = false},
    {.type = Type::f64, .name = "F64", .block_length = 1, .block_bytes = 8, .is_weight = false},
    {.type = Type::bf16, .name = "BF16", .block_length = 1, .block_bytes = 2, .is_weight = true},
};

// std::toupper would ask the locale.
constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::optional<TypeTraits> find_traits(uint32_t type_number) {
  const auto* found = std::ranges::find(kTypes, static_cast<Type>(type_number), &TypeTraits::type);
  if (found == std::end(kTypes)) return std::nullopt;
  return *found;
}

TypeTraits traits(Type type) {
  const auto* found = std::ranges::find(kTypes, type, &TypeTraits::type);
  assert(found != std::end(kTypes));
  return *found;
}

uint64_t bytes_of(Type type, uint64_t count) {
  const TypeTraits found = traits(type);
  return count / found.block_length * found.block_bytes;
}

std::optional<Type> find_type(std::string_view name) {
  const auto* found = std::ranges::find_if(kTypes, [name](const TypeTraits& candidate) {
    return std::ranges::equal(candidate.name, name, {}, {}, to_upper);
  });
  if (found == std::end(kTypes)) return std::nullopt;
  return found->type;
}

}  // namespace chord::quant
