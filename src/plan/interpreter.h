// What every op means: the plan evaluated in double precision, one row after the other, for tests to compare
// devices with. Nothing here is meant to be fast.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "plan/device.h"
#include "plan/plan.h"

namespace chord::plan {

class Interpreter {
 public:
  using Matrix = std::vector<std::vector<double>>;  // [rows][columns]; i32 values too

  // `file` holds the weights at their offsets; it and the plan must outlive the interpreter.
  Interpreter(const Plan& plan, std::span<const std::byte> file) : plan_(plan), file_(file) {}

  // The step must be valid. Only slot 0 is known.
  void run(const Step& step);

  const Matrix& logits() const { return penalized_; }  // [outputs], after penalties
  const Matrix& embeddings() const { return values_[plan_.embeddings->id]; }

 private:
  struct Cell {
    std::vector<double> key;
    std::vector<double> value;
  };

  std::vector<double> row_of(Weight weight, uint64_t row) const;
  const Matrix& at(Value x) const { return values_[x.id]; }

  // Each gives the value that the op writes.
  Matrix eval(const Embed& op) const;
  Matrix eval(const Input& op) const;
  Matrix eval(const Norm& op) const;
  Matrix eval(const MatMul& op) const;
  Matrix eval(const TopK& op) const;
  Matrix eval(const RouterWeights& op) const;
  Matrix eval(const WeightedSum& op) const;
  Matrix eval(const Bias& op) const;
  Matrix eval(const Add& op) const;
  Matrix eval(const Activation& op) const;
  Matrix eval(const Multiply& op) const;
  Matrix eval(const Scale& op) const;
  Matrix eval(const SoftCap& op) const;
  Matrix eval(const Rope& op) const;
  Matrix eval(const StoreKv& op);
  Matrix eval(const Attention& op) const;
  Matrix eval(const SelectRows& op) const;
  Matrix eval(const Penalties& op);
  Matrix eval(const Candidates& op) const;

  const Plan& plan_;
  std::span<const std::byte> file_;
  const Step* step_ = nullptr;
  std::vector<Matrix> values_;             // by value
  std::vector<std::vector<Cell>> stores_;  // by store, then by position
  Matrix penalized_;
};

}  // namespace chord::plan
