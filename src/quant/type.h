// The tensor types of GGUF and the size of their blocks.
// Source: the GGUF specification and ggml's type numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chord::quant {

// Values are those of the tensor-info type field of a GGUF file. Numbers missing here (removed or newer
// types) are unknown to chord.
enum class Type : uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q8_1 = 9,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  q8_k = 15,
  iq4_nl = 20,
  iq4_xs = 23,
  i8 = 24,
  i16 = 25,
  i32 = 26,
  i64 = 27,
  f64 = 28,
  bf16 = 30,
};

struct TypeTraits {
  Type type;
  std::string_view name;  // as llama.cpp prints it: "Q4_K"
  uint32_t block_length;  // weights in a block; a row of a tensor is a whole number of blocks
  uint32_t block_bytes;   // bytes of a block in the file
  bool is_weight;         // decode() exists: a matmul can use it
};

// Nothing for a number that chord does not know.
std::optional<TypeTraits> find_traits(uint32_t type_number);

// The traits of a type that is in the enumeration.
TypeTraits traits(Type type);

// Bytes that `count` weights take, which is a whole number of blocks. The product of unchecked numbers from a
// file may wrap: check them first.
uint64_t bytes_of(Type type, uint64_t count);

// By name, in any case: "q4_k", "Q4_K".
std::optional<Type> find_type(std::string_view name);

}  // namespace chord::quant
