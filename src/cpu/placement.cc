#include "cpu/placement.h"

#include <algorithm>
#include <span>
#include <variant>

#include "base/heap_sort.h"
#include "cpu/saturating.h"
#include "plan/operands.h"

namespace chord::cpu {
namespace {

constexpr uint32_t kUnused = UINT32_MAX;

Result<void> expect_matrix(const plan::WeightInfo& weight) {
  const quant::TypeTraits type = quant::traits(weight.type);
  if (type.is_weight) return {};
  return fail(ErrorCode::unsupported_format, "tensor ", weight.name, " has type ", type.name,
              ", which cannot be multiplied with");
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
      const auto& factors = plan.rope_settings[rope->settings].factors;
      if (!factors) continue;
      CHORD_CHECK(expect_vector(plan[*factors]));
      used.push_back(*factors);
    }
  }
  return used;
}

}  // namespace

Result<Placement> Placement::create(const plan::Plan& plan) {
  CHORD_ASSIGN(std::vector<plan::Weight> used, used_weights(plan));
  heap_sort(used, [&plan](plan::Weight weight) { return plan[weight].offset; });

  Placement placement;
  placement.range_of_weight_.resize(plan.weights.size(), kUnused);
  std::vector<Range>& ranges = placement.ranges_;
  for (const plan::Weight weight : used) {
    const plan::WeightInfo& info = plan[weight];
    const bool shared =
        !ranges.empty() && ranges.back().offset == info.offset && ranges.back().bytes == info.bytes;
    if (!shared) {
      if (!ranges.empty() && info.offset - ranges.back().offset < ranges.back().bytes) {
        return fail(ErrorCode::invalid_model, "tensor ", info.name, " at ", info.offset,
                    " overlaps another one, which ends at ", ranges.back().offset + ranges.back().bytes);
      }
      ranges.push_back({.offset = info.offset, .bytes = info.bytes, .place = placement.bytes_});
      placement.bytes_ = saturating_align(saturating_add(placement.bytes_, info.bytes));
    }
    placement.range_of_weight_[weight.id] = static_cast<uint32_t>(ranges.size() - 1);
  }
  return placement;
}

uint64_t Placement::address(plan::Weight weight) const {
  const uint32_t range = range_of_weight_[weight.id];
  return range == kUnused ? 0 : base_ + ranges_[range].place;
}

std::optional<plan::PlacementRequest> Placement::want() const {
  if (next_ == ranges_.size()) return std::nullopt;
  const Range& range = ranges_[next_];
  return plan::PlacementRequest{.offset = range.offset + supplied_,
                                .length = std::min(range.bytes - supplied_, kMaxRequestBytes),
                                .address = base_ + range.place + supplied_};
}

Result<void> Placement::supply(uint64_t length) {
  const auto wanted = want();
  const uint64_t limit = wanted ? wanted->length : 0;
  if (length == 0 || length > limit) {
    return fail(ErrorCode::invalid_argument, length, " bytes of weights were supplied, wanted 1 to ", limit);
  }
  supplied_ += length;
  if (supplied_ == ranges_[next_].bytes) {
    ++next_;
    supplied_ = 0;
  }
  return {};
}

}  // namespace chord::cpu
