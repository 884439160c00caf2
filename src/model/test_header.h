// The header of a file such as a converter writes, of two blocks; for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "gguf/reader.h"
#include "model/architecture.h"
#include "plan/plan.h"

namespace chord::model {

class TestHeader {
 public:
  // `key` after the architecture's name.
  template <class T>
  void set(const std::string& key, T value) {
    header.metadata.set(architecture_ + "." + key, {std::move(value)});
  }
  void unset(const std::string& key) { header.metadata.remove(architecture_ + "." + key); }

  void add(const std::string& name, uint64_t columns, uint64_t rows = 1, uint64_t experts = 1) {
    const uint64_t bytes = columns * rows * experts * 4;
    const uint32_t dimensions = experts != 1 ? 3 : rows != 1 ? 2 : 1;
    header.tensors.push_back({name, quant::Type::f32, dimensions, {columns, rows, experts, 1}, next_, bytes});
    next_ += bytes;
  }
  void remove(const std::string& name) {
    std::erase_if(header.tensors, [&](const gguf::TensorInfo& tensor) { return tensor.name == name; });
  }

  // Why describe() refuses it.
  Error error() const {
    const auto model = describe(header);
    return model ? Error{ErrorCode::internal, "nothing was refused"} : model.error();
  }

  static constexpr uint32_t kEmbedding = 32, kBlocks = 2, kFeedForward = 48, kHeads = 4, kVocab = 160;
  gguf::Header header{};

 protected:
  explicit TestHeader(std::string architecture) : architecture_(std::move(architecture)) {
    header.metadata.set("general.architecture", {architecture_});
    set("context_length", uint32_t{64});
    set("embedding_length", kEmbedding);
    set("block_count", kBlocks);
    set("feed_forward_length", kFeedForward);
    set("attention.head_count", kHeads);
    add("token_embd.weight", kEmbedding, kVocab);
  }
  const std::string& architecture() const { return architecture_; }

 private:
  std::string architecture_;
  uint64_t next_ = 4096;
};

// How many ops of one type a plan has.
template <class OpType>
size_t count(const plan::Plan& plan) {
  return static_cast<size_t>(
      std::ranges::count_if(plan.ops, [](const plan::Op& op) { return std::holds_alternative<OpType>(op); }));
}

}  // namespace chord::model
