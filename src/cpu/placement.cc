#include "cpu/placement.h"

#include <algorithm>
#include <variant>

#include "base/heap_sort.h"
#include "cpu/saturating.h"
#include "plan/operands.h"

namespace chord::cpu {
namespace {

constexpr uint32_t kUnused = UINT32_MAX;

kernels::Type kernel_type(quant::Type type) {
  return static_cast<kernels::Type>(type);
}

Result<void> expect_matrix(const plan::WeightInfo& weight) {
  const quant::TypeTraits type = quant::traits(weight.type);
  if (!type.is_weight) {
    return fail(ErrorCode::unsupported_format, "tensor ", weight.name, " has type ", type.name,
                ", which cannot be multiplied with");
  }
  const uint32_t height = kernels::panel_rows(kernel_type(weight.type));
  const uint64_t panel = saturating_multiply(height, quant::bytes_of(weight.type, weight.columns));
  if (height == 1 || panel <= kMaxRequestBytes) return {};
  return fail(ErrorCode::unsupported_format, height, " rows of tensor ", weight.name, " have ", panel,
              " bytes; at most ", kMaxRequestBytes, " can be packed at a time");
}

// Norms, biases and the like are few bytes that every file keeps in F32.
Result<void> expect_vector(const plan::WeightInfo& weight) {
  if (weight.type == quant::Type::f32) return {};
  return fail(ErrorCode::unsupported_format, "tensor ", weight.name, " has type ",
              quant::traits(weight.type).name, ", wanted F32");
}

// The weights that the plan's ops read, after a look at their types.
Result<std::vector<plan::Weight>> used_weights(const plan::Plan& plan) {
  std::vector<plan::Weight> used;
  for (const plan::Op& op : plan.ops) {
    const bool matrix = std::holds_alternative<plan::Embed>(op) || std::holds_alternative<plan::MatMul>(op);
    for (const plan::Weight weight : plan::weights(op)) {
      CHORD_CHECK(matrix ? expect_matrix(plan[weight]) : expect_vector(plan[weight]));
      used.push_back(weight);
    }
    if (const auto* rope = std::get_if<plan::Rope>(&op)) {
      const plan::RopeSettings& settings = plan.rope_settings[rope->settings];
      for (const auto& factors : {settings.factors, settings.long_factors}) {
        if (!factors) continue;
        CHORD_CHECK(expect_vector(plan[*factors]));
        used.push_back(*factors);
      }
    }
  }
  return used;
}

PlacedTensor at_place(const plan::WeightInfo& weight, uint64_t place) {
  return {.offset = weight.offset,
          .bytes = weight.bytes,
          .place = place,
          .type = kernel_type(weight.type),
          .columns = weight.columns,
          .rows = weight.rows,
          .experts = weight.experts};
}

bool is_same(const PlacedTensor& tensor, const plan::WeightInfo& weight) {
  return tensor.offset == weight.offset && tensor.bytes == weight.bytes &&
         tensor.type == kernel_type(weight.type) && tensor.columns == weight.columns &&
         tensor.rows == weight.rows;
}

}  // namespace

Result<Placement> Placement::create(const plan::Plan& plan) {
  CHORD_ASSIGN(std::vector<plan::Weight> used, used_weights(plan));
  heap_sort(used, [&plan](plan::Weight weight) { return plan[weight].offset; });

  Placement placement;
  placement.tensor_of_weight_.resize(plan.weights.size(), kUnused);
  std::vector<PlacedTensor>& tensors = placement.tensors_;
  for (const plan::Weight weight : used) {
    const plan::WeightInfo& info = plan[weight];
    if (tensors.empty() || !is_same(tensors.back(), info)) {
      if (!tensors.empty() && info.offset - tensors.back().offset < tensors.back().bytes) {
        return fail(ErrorCode::invalid_model, "tensor ", info.name, " at ", info.offset,
                    " overlaps another one, which ends at ", tensors.back().offset + tensors.back().bytes);
      }
      tensors.push_back(at_place(info, placement.bytes_));
      const uint64_t bytes = kernels::packed_bytes(tensors.back().type, info.columns, info.rows);
      placement.bytes_ =
          saturating_align(saturating_add(placement.bytes_, saturating_multiply(bytes, info.experts)));
    }
    placement.tensor_of_weight_[weight.id] = static_cast<uint32_t>(tensors.size() - 1);
  }
  return placement;
}

uint64_t Placement::address(plan::Weight weight) const {
  const uint32_t tensor = tensor_of_weight_[weight.id];
  return tensor == kUnused ? 0 : base_ + tensors_[tensor].place;
}

}  // namespace chord::cpu
