#include "webgpu/stores.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "plan/store_image.h"
#include "webgpu/sizes.h"

namespace chord::webgpu {
namespace {

// Heads are summed by 128 threads, four elements each.
constexpr uint32_t kMaxHeadLength = 512;

Result<Store> make_store(const plan::StoreInfo& info, const GpuLimits& limits,
                         const plan::ExecutorOptions& options) {
  if (info.kind == plan::StoreKind::recurrent) {
    return fail(ErrorCode::unsupported_architecture, "the GPU has no kernels for recurrent stores");
  }
  // Of two blocks of Q8_0 the bytes are whole words.
  const uint32_t unit = options.kv_type == plan::KvType::q8_0 ? 64 : 4;
  for (const uint32_t length : {info.key_length, info.value_length}) {
    if (length % unit == 0 && length <= kMaxHeadLength) continue;
    return fail(ErrorCode::unsupported_architecture, "heads of ", length,
                " elements; on the GPU they must be multiples of ", unit, ", at most ", kMaxHeadLength);
  }
  const auto bytes_of = [&](uint32_t length) {
    const uint64_t cell = quant::bytes_of(plan::element_type(options.kv_type), length);
    return (info.head_count * cell * options.context_length + 15) & ~uint64_t{15};
  };
  Store store = {.buffer = {},
                 .key_bytes = bytes_of(info.key_length),
                 .value_offset = 0,
                 .value_bytes = bytes_of(info.value_length)};
  store.value_offset = (store.key_bytes + kBindingAlignment - 1) & ~(kBindingAlignment - 1);
  const uint64_t largest = std::max(store.key_bytes, store.value_bytes);
  const uint64_t bytes = store.value_offset + store.value_bytes;
  if (largest > limits.max_binding_bytes || bytes > limits.max_buffer_bytes) {
    return fail(ErrorCode::out_of_memory, "keys of ", options.context_length, " positions take ", largest,
                " bytes in each layer, a binding of this GPU holds ", limits.max_binding_bytes,
                "; choose a shorter context");
  }
  store.buffer = Buffer(bytes);
  return store;
}

// What the largest attention writes for each split of its keys; layers share it.
Result<void> allocate_splits(const plan::Plan& plan, const GpuLimits& limits,
                             const plan::ExecutorOptions& options, Program& program) {
  const uint64_t splits = divide_up(options.context_length, Program::kSplit);
  uint64_t heads = 0;
  uint64_t elements = 0;
  for (const plan::Op& op : plan.ops) {
    const auto* attention = std::get_if<plan::Attention>(&op);
    if (attention == nullptr) continue;
    heads = std::max<uint64_t>(heads, attention->head_count);
    elements = std::max<uint64_t>(elements, plan[attention->out].columns);
  }
  CHORD_ASSIGN(program.split_sums,
               make_buffer(limits, "sums of attention", splits * elements * sizeof(float)));
  CHORD_ASSIGN(program.split_totals,
               make_buffer(limits, "totals of attention", splits * heads * 2 * sizeof(float)));
  return {};
}

// Radians per position as 64-bit fractions of a turn (turn.wgsl).
Buffer make_rope(const plan::RopeSettings& settings, const Weights& weights, uint32_t context_length) {
  const auto factors = settings.factors_for(context_length);
  std::vector<uint64_t> turns;
  turns.reserve(settings.frequencies.size());
  for (size_t i = 0; i < settings.frequencies.size(); ++i) {
    const double factor = factors ? double{weights[*factors].kept[i]} : 1.0;
    const double turn = settings.frequencies[i] / factor / (2 * std::numbers::pi);
    turns.push_back(static_cast<uint64_t>((turn - std::floor(turn)) * 0x1p64));
  }
  Buffer made(turns.size() * sizeof(uint64_t));
  made.write(0, std::span<const uint64_t>(turns));
  return made;
}

}  // namespace

Result<Buffer> make_buffer(const GpuLimits& limits, std::string_view what, uint64_t bytes) {
  const uint64_t limit = std::min(limits.max_binding_bytes, limits.max_buffer_bytes);
  if (bytes <= limit) return Buffer(bytes);
  return fail(ErrorCode::out_of_memory, what, " of ", bytes, " bytes wanted, a binding of this GPU holds ",
              limit);
}

Result<void> allocate_stores(const plan::Plan& plan, const Weights& weights, const GpuLimits& limits,
                             const plan::ExecutorOptions& options, Program& program) {
  program.stores.reserve(plan.stores.size());
  for (const plan::StoreInfo& info : plan.stores) {
    CHORD_ASSIGN(Store store, make_store(info, limits, options));
    program.stores.push_back(std::move(store));
  }
  program.ropes.reserve(plan.rope_settings.size());
  for (const plan::RopeSettings& settings : plan.rope_settings) {
    program.ropes.push_back(make_rope(settings, weights, options.context_length));
  }
  return allocate_splits(plan, limits, options, program);
}

}  // namespace chord::webgpu
