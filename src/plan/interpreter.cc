#include "plan/interpreter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <variant>

#include "plan/operands.h"
#include "quant/decode.h"

namespace chord::plan {
namespace {

using Matrix = Interpreter::Matrix;
using Row = std::vector<double>;

template <class Function>
Matrix map(const Matrix& x, Function function) {
  Matrix out = x;
  for (Row& row : out) std::ranges::transform(row, row.begin(), function);
  return out;
}

template <class Function>
Matrix zip(const Matrix& a, const Matrix& b, Function function) {
  Matrix out = a;
  for (size_t r = 0; r < a.size(); ++r) std::ranges::transform(a[r], b[r], out[r].begin(), function);
  return out;
}

double dot(const double* a, const double* b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

double capped(double x, double cap) {
  return cap == 0 ? x : cap * std::tanh(x / cap);
}

}  // namespace

void Interpreter::run(const Step& step) {
  step_ = &step;
  values_.resize(plan_.values.size());
  stores_.resize(plan_.stores.size());
  for (const Op& op : plan_.ops) {
    Matrix result = std::visit([this](const auto& o) { return eval(o); }, op);
    if (const auto out = output(op)) values_[out->id] = std::move(result);
  }
}

std::vector<double> Interpreter::row_of(Weight weight, uint64_t row) const {
  const WeightInfo& info = plan_[weight];
  const uint64_t bytes = quant::bytes_of(info.type, info.columns);
  std::vector<float> decoded(static_cast<size_t>(info.columns));
  const uint64_t begin = info.offset + row * bytes;
  quant::decode(info.type, file_.subspan(static_cast<size_t>(begin), static_cast<size_t>(bytes)), decoded);
  return {decoded.begin(), decoded.end()};
}

Matrix Interpreter::eval(const Embed& op) const {
  Matrix out;
  out.reserve(step_->tokens.size());
  for (size_t t = 0; t < step_->tokens.size(); ++t) {
    const bool by_position = op.by == EmbedBy::position;
    out.push_back(
        row_of(op.table, by_position ? step_->first_position + t : static_cast<uint64_t>(step_->tokens[t])));
  }
  return out;
}

Matrix Interpreter::eval(const Input& op) const {
  const auto input = std::ranges::find(step_->inputs, op.name, &NamedInput::name);
  const size_t columns = plan_[op.out].columns;
  return std::visit(
      [columns](auto rest) {
        Matrix out;
        for (; !rest.empty(); rest = rest.subspan(columns)) {
          out.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(columns));
        }
        return out;
      },
      input->values);
}

Matrix Interpreter::eval(const Norm& op) const {
  const Row weight = row_of(op.weight, 0);
  const Row bias = op.bias ? row_of(*op.bias, 0) : Row(weight.size());
  const auto length = static_cast<double>(weight.size());
  Matrix out = at(op.x);
  for (Row& row : out) {
    for (size_t begin = 0; begin < row.size(); begin += weight.size()) {
      double* group = row.data() + begin;
      double mean = 0;
      if (op.kind == NormKind::layer) {
        for (size_t i = 0; i < weight.size(); ++i) mean += group[i] / length;
      }
      double variance = 0;
      for (size_t i = 0; i < weight.size(); ++i) variance += (group[i] - mean) * (group[i] - mean) / length;
      const double factor = 1 / std::sqrt(variance + static_cast<double>(op.epsilon));
      for (size_t i = 0; i < weight.size(); ++i) {
        group[i] = (group[i] - mean) * factor * weight[i] + bias[i];
      }
    }
  }
  return out;
}

Matrix Interpreter::eval(const MatMul& op) const {
  const WeightInfo& w = plan_[op.w];
  const auto columns = static_cast<size_t>(w.columns);
  const Matrix& x = at(op.x);
  Matrix out(x.size());
  for (size_t r = 0; r < x.size(); ++r) {
    const Row experts = op.experts ? at(*op.experts)[r] : Row{0};
    for (size_t c = 0; c < experts.size(); ++c) {
      const double* operand = x[r].data() + (x[r].size() == columns ? 0 : c * columns);
      for (uint64_t j = 0; j < w.rows; ++j) {
        const Row row = row_of(op.w, static_cast<uint64_t>(experts[c]) * w.rows + j);
        out[r].push_back(dot(operand, row.data(), columns));
      }
    }
  }
  return out;
}

Matrix Interpreter::eval(const TopK& op) const {
  Matrix out;
  for (const Row& row : at(op.x)) {
    Row columns(row.size());
    std::iota(columns.begin(), columns.end(), 0);
    std::ranges::sort(columns, {},
                      [&row](double column) { return std::pair(-row[static_cast<size_t>(column)], column); });
    columns.resize(op.count);
    out.push_back(std::move(columns));
  }
  return out;
}

Matrix Interpreter::eval(const RouterWeights& op) const {
  Matrix out = at(op.experts);
  for (size_t r = 0; r < out.size(); ++r) {
    const Row& logits = at(op.logits)[r];
    double all = 0;
    for (const double logit : logits) all += std::exp(logit);
    double chosen = 0;
    for (double& weight : out[r]) {
      weight = std::exp(logits[static_cast<size_t>(weight)]);
      chosen += weight;
    }
    for (double& weight : out[r]) weight *= static_cast<double>(op.factor) / (op.normalized ? chosen : all);
  }
  return out;
}

Matrix Interpreter::eval(const WeightedSum& op) const {
  const size_t columns = plan_[op.out].columns;
  const Matrix& x = at(op.x);
  Matrix out(x.size(), Row(columns));
  for (size_t r = 0; r < x.size(); ++r) {
    for (size_t i = 0; i < x[r].size(); ++i) out[r][i % columns] += at(op.weights)[r][i / columns] * x[r][i];
  }
  return out;
}

Matrix Interpreter::eval(const Bias& op) const {
  return zip(at(op.x), Matrix(at(op.x).size(), row_of(op.bias, 0)), std::plus<>());
}

Matrix Interpreter::eval(const Add& op) const {
  return zip(at(op.a), at(op.b), std::plus<>());
}

Matrix Interpreter::eval(const Activation& op) const {
  return map(at(op.x), [&op](double x) {
    if (op.kind == ActivationKind::silu) return x / (1 + std::exp(-x));
    if (op.kind == ActivationKind::sigmoid) return 1 / (1 + std::exp(-x));
    return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));  // sqrt(2 / π)
  });
}

Matrix Interpreter::eval(const Multiply& op) const {
  return zip(at(op.a), at(op.b), std::multiplies<>());
}

Matrix Interpreter::eval(const Scale& op) const {
  return map(at(op.x), [&op](double x) { return x * static_cast<double>(op.factor); });
}

Matrix Interpreter::eval(const SoftCap& op) const {
  return map(at(op.x), [&op](double x) { return capped(x, static_cast<double>(op.cap)); });
}

Matrix Interpreter::eval(const Rope& op) const {
  const RopeSettings& settings = plan_.rope_settings[op.settings];
  const size_t pairs = settings.frequencies.size();
  const Row factors = settings.factors ? row_of(*settings.factors, 0) : Row(pairs, 1);
  const bool halves = settings.order == RopeOrder::halves;
  const auto magnitude = static_cast<double>(settings.magnitude);
  Matrix out = at(op.x);
  for (size_t r = 0; r < out.size(); ++r) {
    const auto position = static_cast<double>(step_->first_position + r);
    for (size_t head = 0; head < out[r].size(); head += settings.head_length) {
      for (size_t i = 0; i < pairs; ++i) {
        const double angle = position * settings.frequencies[i] / factors[i];
        double& a = out[r][head + (halves ? i : 2 * i)];
        double& b = out[r][head + (halves ? i + pairs : 2 * i + 1)];
        const double rotated = (a * std::cos(angle) - b * std::sin(angle)) * magnitude;
        b = (a * std::sin(angle) + b * std::cos(angle)) * magnitude;
        a = rotated;
      }
    }
  }
  return out;
}

Matrix Interpreter::eval(const StoreKv& op) {
  std::vector<Cell>& cells = stores_[op.store.id];
  cells.resize(step_->first_position);
  for (size_t r = 0; r < at(op.k).size(); ++r) cells.push_back({.key = at(op.k)[r], .value = at(op.v)[r]});
  return {};
}

Matrix Interpreter::eval(const Attention& op) const {
  const StoreInfo& store = plan_[op.store];
  const std::vector<Cell>& cells = stores_[op.store.id];
  const uint32_t group = op.head_count / store.head_count;
  const Row sinks =
      op.sinks ? row_of(*op.sinks, 0) : Row(op.head_count, -std::numeric_limits<double>::infinity());
  const Matrix& q = at(op.q);
  Matrix out(q.size(), Row(plan_[op.out].columns));
  for (size_t r = 0; r < q.size(); ++r) {
    const size_t position = step_->first_position + (op.causal ? r : q.size() - 1);  // the last one seen
    const size_t first = op.window == 0 || op.window > position ? 0 : position + 1 - op.window;
    for (uint32_t head = 0; head < op.head_count; ++head) {
      const size_t key_at = size_t{head / group} * store.key_length;
      const size_t value_at = size_t{head / group} * store.value_length;
      double* sums = out[r].data() + size_t{head} * store.value_length;
      double total = std::exp(sinks[head]);
      for (size_t p = first; p <= position; ++p) {
        const double product = dot(q[r].data() + size_t{head} * store.key_length,
                                   cells[p].key.data() + key_at, store.key_length);
        const double weight =
            std::exp(capped(product * static_cast<double>(op.scale), static_cast<double>(op.soft_cap)));
        total += weight;
        for (uint32_t i = 0; i < store.value_length; ++i) sums[i] += weight * cells[p].value[value_at + i];
      }
      for (uint32_t i = 0; i < store.value_length; ++i) sums[i] /= total;
    }
  }
  return out;
}

Matrix Interpreter::eval(const SelectRows& op) const {
  Matrix out;
  out.reserve(step_->output_rows.size());
  for (const uint32_t row : step_->output_rows) out.push_back(at(op.x)[row]);
  return out;
}

Matrix Interpreter::eval(const Penalties& op) {
  penalized_ = at(op.logits);
  for (size_t r = 0; r < step_->sampling.size(); ++r) {
    const SamplingInputs& inputs = step_->sampling[r];
    const auto repetition = static_cast<double>(inputs.repetition_penalty);
    for (const TokenCount& entry : inputs.penalized) {
      double& logit = penalized_[r][static_cast<size_t>(entry.token)];
      logit = logit > 0 ? logit / repetition : logit * repetition;
      logit -= static_cast<double>(inputs.frequency_penalty) * entry.count;
      logit -= static_cast<double>(inputs.presence_penalty);
    }
    for (const TokenBias& entry : inputs.biases) {
      penalized_[r][static_cast<size_t>(entry.token)] += static_cast<double>(entry.bias);
    }
  }
  return penalized_;
}

// They are read from logits().
Matrix Interpreter::eval(const Candidates&) const {
  return {};
}

}  // namespace chord::plan
