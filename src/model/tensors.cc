#include "model/tensors.h"

namespace chord::model {
namespace {

std::string shape(const gguf::TensorInfo& tensor) {
  std::string text = "[";
  for (uint32_t i = 0; i < tensor.dimension_count; ++i) text += concat(i == 0 ? "" : ", ", tensor.dims[i]);
  return text + "]";
}

}  // namespace

std::optional<plan::Weight> Tensors::find_matrix(const std::string& name, uint64_t columns, uint64_t rows) {
  const gguf::TensorInfo* tensor = header_.find_tensor(name);
  if (tensor == nullptr) return std::nullopt;
  return add(*tensor, columns, rows);
}

std::optional<plan::Weight> Tensors::find_vector(const std::string& name, uint64_t length) {
  return find_matrix(name, length, 1);
}

plan::Weight Tensors::matrix(const std::string& name, uint64_t columns, uint64_t rows) {
  if (const auto found = find_matrix(name, columns, rows)) return *found;
  if (!error_) {
    error_ = Error{ErrorCode::invalid_model,
                   concat("the file has no tensor ", name, ", which its architecture needs")};
  }
  // Any tensor stands in, so that the description can go on; check() fails.
  return builder_.weight({name, quant::Type::f32, columns, rows, 1, 0, 0});
}

plan::Weight Tensors::vector(const std::string& name, uint64_t length) {
  return matrix(name, length, 1);
}

plan::Weight Tensors::add(const gguf::TensorInfo& tensor, uint64_t columns, uint64_t rows) {
  if ((tensor.columns() != columns || tensor.rows() != rows) && !error_) {
    error_ = Error{ErrorCode::invalid_model, concat("tensor ", tensor.name, " has the shape ", shape(tensor),
                                                    "; the metadata asks for [", columns,
                                                    rows == 1 ? std::string() : concat(", ", rows), "]")};
  }
  return builder_.weight({tensor.name, tensor.type, columns, rows, 1, tensor.offset, tensor.bytes});
}

Result<void> Tensors::check() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace chord::model
