#include "model/tensors.h"

namespace chord::model {
namespace {

std::string shape(const gguf::TensorInfo& tensor) {
  std::string text = "[";
  for (uint32_t i = 0; i < tensor.dimension_count; ++i) text += concat(i == 0 ? "" : ", ", tensor.dims[i]);
  return text + "]";
}

}  // namespace

std::optional<plan::Weight> Tensors::find_matrix(const std::string& name, uint64_t columns, uint64_t rows,
                                                 uint64_t experts) {
  const gguf::TensorInfo* tensor = find(name, columns, rows, experts);
  if (tensor == nullptr) return std::nullopt;
  return builder_.weight({name, tensor->type, columns, rows, experts, tensor->offset, tensor->bytes});
}

std::optional<plan::Weight> Tensors::find_vector(const std::string& name, uint64_t length) {
  return find_matrix(name, length, 1);
}

std::optional<plan::Weight> Tensors::find_rows(const std::string& name, uint64_t columns, Part rows) {
  const gguf::TensorInfo* tensor = find(name, columns, rows.all);
  if (tensor == nullptr) return std::nullopt;
  const uint64_t row_bytes = quant::bytes_of(tensor->type, columns);
  return builder_.weight({name, tensor->type, columns, rows.count, 1,
                          tensor->offset + (rows.first * row_bytes), rows.count * row_bytes});
}

std::optional<plan::Weight> Tensors::find_elements(const std::string& name, Part elements) {
  const gguf::TensorInfo* tensor = find(name, elements.all, 1);
  if (tensor == nullptr) return std::nullopt;
  return builder_.weight({name, tensor->type, elements.count, 1, 1,
                          tensor->offset + quant::bytes_of(tensor->type, elements.first),
                          quant::bytes_of(tensor->type, elements.count)});
}

plan::Weight Tensors::matrix(const std::string& name, uint64_t columns, uint64_t rows, uint64_t experts) {
  if (const auto found = find_matrix(name, columns, rows, experts)) return *found;
  if (!error_) {
    error_ = Error{ErrorCode::invalid_model,
                   concat("the file has no tensor ", name, ", which its architecture needs")};
  }
  // Any tensor stands in, so that the description can go on; check() fails.
  return builder_.weight({name, quant::Type::f32, columns, rows, experts, 0, 0});
}

plan::Weight Tensors::vector(const std::string& name, uint64_t length) {
  return matrix(name, length, 1);
}

const gguf::TensorInfo* Tensors::find(const std::string& name, uint64_t columns, uint64_t rows,
                                      uint64_t experts) {
  const gguf::TensorInfo* tensor = header_.find_tensor(name);
  if (tensor == nullptr) return nullptr;
  const bool fits = tensor->columns() == columns && tensor->rows() == rows * experts &&
                    (experts == 1 || tensor->dims[1] == rows);
  if (!fits && !error_) {
    error_ = Error{ErrorCode::invalid_model,
                   concat("tensor ", name, " has the shape ", shape(*tensor), "; the metadata asks for [",
                          columns, rows == 1 && experts == 1 ? std::string() : concat(", ", rows),
                          experts == 1 ? std::string() : concat(", ", experts), "]")};
  }
  return tensor;
}

Result<void> Tensors::check() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace chord::model
