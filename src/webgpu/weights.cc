#include "webgpu/weights.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <variant>

#include "plan/operands.h"
#include "webgpu/chain.h"
#include "webgpu/sizes.h"

namespace chord::webgpu {
namespace {

constexpr uint64_t kPieceBytes = 8u << 20;
// Pieces are of so many blocks that both planes' offsets are multiples of 4.
constexpr uint64_t kPieceBlocks = 16;
constexpr uint32_t kUnused = UINT32_MAX;

uint64_t align(uint64_t bytes) {
  return (bytes + kBindingAlignment - 1) / kBindingAlignment * kBindingAlignment;
}

// A few bytes, in units of T; in wasm a call of memcpy takes longer than the copying. Returns the end of
// `to`, which may lie before `from`.
template <class T>
std::byte* copy(std::byte* to, const std::byte* from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += sizeof(T)) {
    T unit;
    std::memcpy(&unit, from + i, sizeof unit);
    std::memcpy(to + i, &unit, sizeof unit);
  }
  return to + bytes;
}

enum class Use : uint8_t { matrix, vector, kept_vector };

struct UsedWeight {
  plan::Weight weight;
  Use use;
};

std::vector<UsedWeight> used_weights(const plan::Plan& plan) {
  std::vector<UsedWeight> used;
  for (const plan::Op& op : plan.ops) {
    const bool matrix = std::holds_alternative<plan::Embed>(op) || std::holds_alternative<plan::MatMul>(op);
    for (const plan::Weight weight : plan::weights(op)) {
      used.push_back({weight, matrix ? Use::matrix : Use::vector});
    }
  }
  for (const plan::RopeSettings& settings : plan.rope_settings) {
    for (const auto& factors : {settings.factors, settings.long_factors}) {
      if (factors) used.push_back({*factors, Use::kept_vector});
    }
  }
  std::ranges::sort(used, {}, [&plan](const UsedWeight& entry) { return plan[entry.weight].offset; });
  return used;
}

Result<Tensor> make_tensor(const plan::WeightInfo& info, Use use) {
  Tensor tensor = {.format = nullptr,
                   .offset = info.offset,
                   .bytes = info.bytes,
                   .block_bytes = sizeof(float),
                   .row_blocks = info.columns,
                   .keeps = use == Use::kept_vector,
                   .kept = {},
                   .parts = {}};
  const quant::TypeTraits type = quant::traits(info.type);
  if (use != Use::matrix) {
    if (tensor.keeps) tensor.kept.resize(static_cast<size_t>(info.columns), 1);
    if (info.type == quant::Type::f32) return tensor;
    return fail(ErrorCode::unsupported_format, "tensor ", info.name, " has type ", type.name, ", wanted F32");
  }
  tensor.format = find_format(info.type);
  if (tensor.format == nullptr) {
    return fail(ErrorCode::unsupported_format, "tensor ", info.name, " has type ", type.name,
                ", for which the GPU has no kernels");
  }
  if (info.columns % kUnit != 0) {
    return fail(ErrorCode::unsupported_format, "tensor ", info.name, " has rows of ", info.columns,
                ", on the GPU they must be multiples of ", kUnit);
  }
  const uint32_t block_length = std::max(type.block_length, kUnit);
  tensor.block_bytes = type.block_bytes * (block_length / type.block_length);
  tensor.row_blocks = info.columns / block_length;
  return tensor;
}

uint64_t main_bytes(const Tensor& tensor, uint64_t blocks) {
  return blocks * (tensor.format != nullptr ? tensor.format->main_bytes : tensor.block_bytes);
}

uint64_t rest_bytes(const Tensor& tensor, uint64_t blocks) {
  return tensor.format != nullptr ? (blocks * tensor.format->rest_bytes + 3) & ~uint64_t{3} : 0;
}

// Rows [first, first + count) at `offset` of a buffer.
Part make_part(const Tensor& tensor, size_t buffer, uint64_t offset, uint64_t first, uint64_t count) {
  const uint64_t blocks = count * tensor.row_blocks;
  const uint64_t rest_offset = offset + align(main_bytes(tensor, blocks));
  return {.buffer = buffer,
          .first_row = first,
          .row_count = count,
          .main_offset = offset,
          .main_bytes = (main_bytes(tensor, blocks) + 15) & ~uint64_t{15},
          .rest_offset = rest_offset,
          .rest_bytes = rest_bytes(tensor, blocks)};
}

uint64_t end_of(const Part& part) {
  return part.rest_bytes != 0 ? part.rest_offset + part.rest_bytes : part.main_offset + part.main_bytes;
}

}  // namespace

Result<Weights> Weights::create(const plan::Plan& plan, const GpuLimits& limits) {
  Weights weights;
  weights.tensor_of_weight_.resize(plan.weights.size(), kUnused);
  std::vector<Tensor>& tensors = weights.tensors_;
  for (const auto& [weight, use] : used_weights(plan)) {
    const plan::WeightInfo& info = plan[weight];
    const bool shared =
        !tensors.empty() && tensors.back().offset == info.offset && tensors.back().bytes == info.bytes;
    if (!shared) {
      if (!tensors.empty() && info.offset - tensors.back().offset < tensors.back().bytes) {
        return fail(ErrorCode::invalid_model, "tensor ", info.name, " at ", info.offset,
                    " overlaps another one, which ends at ", tensors.back().offset + tensors.back().bytes);
      }
      CHORD_ASSIGN(Tensor tensor, make_tensor(info, use));
      tensors.push_back(std::move(tensor));
    }
    weights.tensor_of_weight_[weight.id] = static_cast<uint32_t>(tensors.size() - 1);
  }
  CHORD_CHECK(weights.allocate(plan, limits));
  return weights;
}

Result<void> Weights::allocate(const plan::Plan& plan, const GpuLimits& limits) {
  const uint64_t limit = std::min(limits.max_binding_bytes, limits.max_buffer_bytes / 2);
  if (const auto chain = find_chain(plan)) {
    for (const Layer& layer : chain->layers) {
      allocate_together(std::array{layer.qkv[0]->w, layer.qkv[1]->w, layer.qkv[2]->w}, limit);
      allocate_together(std::array{layer.gate->w, layer.up->w}, limit);
    }
  }
  for (size_t id = 0; id < tensor_of_weight_.size(); ++id) {
    if (tensor_of_weight_[id] == kUnused) continue;
    Tensor& tensor = tensors_[tensor_of_weight_[id]];
    if (!tensor.parts.empty()) continue;
    const plan::WeightInfo& info = plan.weights[id];
    const uint64_t rows_each = limit / std::max<uint64_t>(1, main_bytes(tensor, tensor.row_blocks));
    if (rows_each == 0) {
      return fail(ErrorCode::out_of_memory, "a row of tensor ", info.name, " takes ",
                  main_bytes(tensor, tensor.row_blocks), " bytes, a binding of this GPU holds ", limit);
    }
    for (uint64_t first = 0; first < info.rows; first += rows_each) {
      const uint64_t count = std::min(rows_each, info.rows - first);
      tensor.parts.push_back(make_part(tensor, buffers_.size(), 0, first, count));
      buffers_.emplace_back(end_of(tensor.parts.back()));
    }
  }
  return {};
}

// Does nothing if they are more than a binding holds, or some of them have a place already.
void Weights::allocate_together(std::span<const plan::Weight> weights, uint64_t limit) {
  std::vector<Part> parts;
  uint64_t end = 0;
  for (const plan::Weight weight : weights) {
    const Tensor& tensor = (*this)[weight];
    if (!tensor.parts.empty()) return;
    const uint64_t rows = tensor.bytes / tensor.block_bytes / tensor.row_blocks;
    parts.push_back(make_part(tensor, buffers_.size(), align(end), 0, rows));
    end = end_of(parts.back());
  }
  if (end > limit) return;
  buffers_.emplace_back(end);
  for (size_t i = 0; i < weights.size(); ++i) {
    tensors_[tensor_of_weight_[weights[i].id]].parts = {parts[i]};
  }
}

uint64_t Weights::bytes() const {
  uint64_t sum = 0;
  for (const Buffer& buffer : buffers_) sum += buffer.bytes();
  return sum;
}

uint64_t Weights::piece_bytes() const {
  const Tensor& tensor = tensors_[tensor_];
  const uint64_t block_count = tensor.parts[part_].row_count * tensor.row_blocks;
  const uint64_t most = kPieceBytes / (tensor.block_bytes * kPieceBlocks) * kPieceBlocks;
  return std::min(most, block_count - done_) * tensor.block_bytes;
}

std::optional<plan::PlacementRequest> Weights::want() {
  if (tensor_ == tensors_.size()) {
    staging_ = {};
    rest_ = {};
    return std::nullopt;
  }
  const Tensor& tensor = tensors_[tensor_];
  const uint64_t piece = piece_bytes();
  if (staging_.size() < piece) staging_.resize(static_cast<size_t>(piece));
  const uint64_t block = tensor.parts[part_].first_row * tensor.row_blocks + done_;
  return plan::PlacementRequest{.offset = tensor.offset + block * tensor.block_bytes + filled_,
                                .length = piece - filled_,
                                .address = reinterpret_cast<uintptr_t>(staging_.data()) + filled_,
                                .plane = plan::Plane::control};
}

Result<void> Weights::supply(uint64_t length) {
  const uint64_t limit = tensor_ == tensors_.size() ? 0 : piece_bytes() - filled_;
  if (length == 0 || length > limit) {
    return fail(ErrorCode::invalid_argument, length, " bytes of weights were supplied, wanted 1 to ", limit);
  }
  filled_ += length;
  if (filled_ == piece_bytes()) upload();
  return {};
}

void Weights::upload() {
  Tensor& tensor = tensors_[tensor_];
  const Part& part = tensor.parts[part_];
  const uint64_t count = filled_ / tensor.block_bytes;
  if (tensor.keeps) {
    tensor.kept.resize(static_cast<size_t>(count));
    std::memcpy(tensor.kept.data(), staging_.data(), static_cast<size_t>(filled_));
  }
  if (part.rest_bytes != 0) {
    const Format& format = *tensor.format;
    rest_.assign(static_cast<size_t>(rest_bytes(tensor, count)), std::byte{});
    // The first plane closes up in place: it never writes ahead of what is still to be read.
    const std::byte* from = staging_.data();
    const uint32_t rest_at = format.main_offset == 0 ? format.main_bytes : 0;
    std::byte* rest = rest_.data();
    std::byte* main = staging_.data();
    for (size_t i = 0; i < count; ++i, from += tensor.block_bytes) {
      rest = copy<uint16_t>(rest, from + rest_at, format.rest_bytes);
      main = copy<uint64_t>(main, from + format.main_offset, format.main_bytes);
    }
    buffer(part).write(part.rest_offset + done_ * format.rest_bytes, std::span<const std::byte>(rest_));
  }
  buffer(part).write(
      part.main_offset + main_bytes(tensor, done_),
      std::span<const std::byte>(staging_).first(static_cast<size_t>(main_bytes(tensor, count))));
  done_ += count;
  filled_ = 0;
  if (done_ != part.row_count * tensor.row_blocks) return;
  done_ = 0;
  if (++part_ != tensor.parts.size()) return;
  part_ = 0;
  ++tensor_;
}

}  // namespace chord::webgpu
