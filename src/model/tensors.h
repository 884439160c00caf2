// Finds a model's tensors in the file and hands them to the plan, with their shapes checked.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "gguf/reader.h"
#include "plan/builder.h"

namespace chord::model {

// `count` of a tensor's `all` rows, or elements, from `first` on.
struct Part {
  uint64_t first;
  uint64_t count;
  uint64_t all;
};

// The first missing or misshapen tensor is remembered; check() returns it. Until then the look-ups give
// handles that can be passed on.
class Tensors {
 public:
  Tensors(const gguf::Header& header, plan::Builder& builder) : header_(header), builder_(builder) {}

  // [rows, columns], as activations […, columns] meet it; or one such matrix for each expert.
  plan::Weight matrix(const std::string& name, uint64_t columns, uint64_t rows, uint64_t experts = 1);
  plan::Weight vector(const std::string& name, uint64_t length);
  // Nothing where the file has no such tensor.
  std::optional<plan::Weight> find_matrix(const std::string& name, uint64_t columns, uint64_t rows,
                                          uint64_t experts = 1);
  std::optional<plan::Weight> find_vector(const std::string& name, uint64_t length);
  std::optional<plan::Weight> find_rows(const std::string& name, uint64_t columns, Part rows);
  std::optional<plan::Weight> find_elements(const std::string& name, Part elements);

  Result<void> check() const;

 private:
  // The tensor, if there is one and whatever its shape.
  const gguf::TensorInfo* find(const std::string& name, uint64_t columns, uint64_t rows,
                               uint64_t experts = 1);

  const gguf::Header& header_;
  plan::Builder& builder_;
  std::optional<Error> error_;
};

}  // namespace chord::model
