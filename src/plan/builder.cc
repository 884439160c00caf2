#include "plan/builder.h"

#include <algorithm>
#include <utility>

#include "plan/operands.h"

namespace chord::plan {
namespace {

// Products of two dimensions fit 64 bits, and a kernel may count rows or columns in 32 signed ones.
constexpr uint64_t kMaxDimension = INT32_MAX;

std::string_view name(Rows rows) {
  return rows == Rows::tokens ? "tokens" : "outputs";
}

std::string shape(const ValueInfo& info) {
  return concat(info.element == Element::f32 ? "f32 [" : "i32 [", name(info.rows), ", ", info.columns, "]");
}

}  // namespace

bool Builder::refuse(ErrorCode code, std::string_view message) {
  if (!error_) error_ = Error(code, message);
  return false;
}

bool Builder::expect(bool condition, std::string_view op, std::string_view what, uint64_t seen,
                     uint64_t wanted) {
  if (error_) return false;
  if (condition) return true;
  return refuse(ErrorCode::invalid_model, concat(op, ": ", what, " is ", seen, ", wanted ", wanted));
}

bool Builder::is_f32(std::string_view op, Value x) {
  if (error_) return false;
  if (x.id >= plan_.values.size()) {
    return refuse(ErrorCode::internal, concat(op, ": value ", x.id, " does not exist"));
  }
  if (plan_[x].element == Element::f32) return true;
  return refuse(ErrorCode::invalid_model, concat(op, ": x is ", shape(plan_[x]), ", wanted f32"));
}

bool Builder::is_of_tokens(std::string_view op, Value x) {
  if (!is_f32(op, x)) return false;
  if (plan_[x].rows == Rows::tokens) return true;
  return refuse(ErrorCode::invalid_model, concat(op, ": x is ", shape(plan_[x]), ", wanted a row per token"));
}

bool Builder::is_row(std::string_view op, Weight w, uint64_t columns) {
  if (error_) return false;
  const WeightInfo& info = plan_[w];
  return expect(info.columns == columns, op, concat("length of ", info.name), info.columns, columns) &&
         expect(info.rows == 1 && info.experts == 1, op, concat("number of rows of ", info.name),
                info.rows * info.experts, 1);
}

bool Builder::agree(std::string_view op, Value a, Value b) {
  if (!is_f32(op, a) || !is_f32(op, b)) return false;
  if (plan_[a].rows == plan_[b].rows && plan_[a].columns == plan_[b].columns) return true;
  return refuse(ErrorCode::invalid_model,
                concat(op, ": b is ", shape(plan_[b]), ", wanted the shape of a, ", shape(plan_[a])));
}

bool Builder::is_index(std::string_view op, Value indices, Value x, std::string_view of, uint64_t count) {
  const ValueInfo& info = plan_[indices];
  const Rows rows = plan_[x].rows;
  if (info.element != Element::i32 || info.rows != rows) {
    return refuse(ErrorCode::invalid_model, concat(op, ": experts of ", of, " are ", shape(info),
                                                   ", wanted i32 [", name(rows), ", ", info.columns, "]"));
  }
  // Those of an Input are checked with every step.
  for (const Op& producer : plan_.ops) {
    const auto* top = std::get_if<TopK>(&producer);
    if (top == nullptr || top->out != indices) continue;
    return expect(plan_[top->x].columns <= count, op, concat("experts of ", of), count,
                  plan_[top->x].columns);
  }
  return true;
}

bool Builder::holds_kv(std::string_view op, Store store) {
  if (error_) return false;
  if (plan_[store].kind != StoreKind::recurrent) return true;
  return refuse(ErrorCode::internal, concat(op, ": store ", store.id, " is recurrent and has no positions"));
}

Value Builder::value(std::string_view op, Rows rows, uint64_t columns, Element element) {
  expect(columns <= kMaxDimension, op, "number of columns", columns, kMaxDimension);
  if (error_) return {};
  plan_.values.push_back({.rows = rows, .columns = static_cast<uint32_t>(columns), .element = element});
  return {static_cast<uint32_t>(plan_.values.size() - 1)};
}

Value Builder::like(std::string_view op, Value x) {
  return value(op, plan_[x].rows, plan_[x].columns);
}

Weight Builder::weight(WeightInfo info) {
  const std::string what = concat("weight ", info.name);
  const quant::TypeTraits type = quant::traits(info.type);
  const auto in_range = [&](std::string_view dimension, uint64_t seen, uint64_t limit = kMaxDimension) {
    return (seen > 0 && seen <= limit) ||
           refuse(ErrorCode::invalid_model,
                  concat(what, ": number of ", dimension, " is ", seen, ", wanted 1 to ", limit));
  };
  in_range("columns", info.columns) && in_range("rows", info.rows) &&
      in_range("experts", info.experts, kMaxExperts) &&
      expect(info.columns % type.block_length == 0, what, "columns past the last whole block",
             info.columns % type.block_length, 0);
  if (error_) return {};
  // Divides, because the product of three dimensions could wrap.
  const uint64_t row_bytes = quant::bytes_of(info.type, info.columns);
  const uint64_t rows = info.rows * info.experts;
  if (!expect(info.bytes % row_bytes == 0 && info.bytes / row_bytes == rows, what, "size in rows",
              info.bytes / row_bytes, rows)) {
    return {};
  }
  plan_.weights.push_back(std::move(info));
  return {static_cast<uint32_t>(plan_.weights.size() - 1)};
}

Store Builder::store(StoreInfo info) {
  expect(info.head_count > 0, "store", "head_count", info.head_count, 1) &&
      expect(info.key_length > 0, "store", "key_length", info.key_length, 1) &&
      expect(info.value_length > 0, "store", "value_length", info.value_length, 1) &&
      expect((info.window > 0) == (info.kind == StoreKind::ring), "store", "window", info.window,
             info.kind == StoreKind::ring ? 1 : 0);
  if (error_) return {};
  plan_.stores.push_back(info);
  return {static_cast<uint32_t>(plan_.stores.size() - 1)};
}

uint32_t Builder::rope_settings(RopeSettings settings) {
  const uint32_t rotary = settings.rotary_length;
  expect(rotary > 0 && rotary % 2 == 0 && rotary <= settings.head_length, "rope", "rotary length", rotary,
         settings.head_length) &&
      expect(settings.frequencies.size() == rotary / 2, "rope", "number of frequencies",
             settings.frequencies.size(), rotary / 2);
  for (const auto& factors : {settings.factors, settings.long_factors}) {
    if (factors) is_row("rope", *factors, rotary / 2);
  }
  if (error_) return 0;
  plan_.rope_settings.push_back(std::move(settings));
  return static_cast<uint32_t>(plan_.rope_settings.size() - 1);
}

Value Builder::embed(Weight table, EmbedBy by) {
  if (error_) return {};
  expect(plan_[table].experts == 1, "embed", concat("experts of ", plan_[table].name), plan_[table].experts,
         1);
  const Value out = value("embed", Rows::tokens, plan_[table].columns);
  if (!error_) plan_.ops.emplace_back(Embed{.by = by, .table = table, .out = out});
  return out;
}

Value Builder::input(std::string_view name, Rows rows, uint32_t columns) {
  expect(columns > 0, "input", concat("number of columns of ", name), columns, 1);
  const Value out = value("input", rows, columns, Element::i32);
  if (!error_) plan_.ops.emplace_back(Input{.name = name, .out = out});
  return out;
}

Value Builder::norm(NormKind kind, Value x, Weight weight, std::optional<Weight> bias, float epsilon,
                    uint32_t groups) {
  if (!is_f32("norm", x)) return {};
  const uint32_t columns = plan_[x].columns;
  if (!expect(groups > 0 && columns % groups == 0, "norm", "number of equal groups", groups, columns))
    return {};
  is_row("norm", weight, columns / groups);
  if (bias) is_row("norm", *bias, columns / groups);
  if (error_) return {};
  const Value out = like("norm", x);
  plan_.ops.emplace_back(Norm{.kind = kind,
                              .x = x,
                              .weight = weight,
                              .bias = bias,
                              .epsilon = epsilon,
                              .groups = groups,
                              .out = out});
  return out;
}

Value Builder::rms_norm(Value x, Weight weight, float epsilon, uint32_t groups) {
  return norm(NormKind::rms, x, weight, std::nullopt, epsilon, groups);
}

Value Builder::layer_norm(Value x, Weight weight, std::optional<Weight> bias, float epsilon) {
  return norm(NormKind::layer, x, weight, bias, epsilon, 1);
}

Value Builder::matmul(Value x, Weight w, std::optional<Value> experts) {
  if (!is_f32("matmul", x)) return {};
  const ValueInfo& in = plan_[x];
  const WeightInfo& info = plan_[w];
  const uint64_t choices = experts ? plan_[*experts].columns : 1;
  expect(info.columns == in.columns || choices * info.columns == in.columns, "matmul",
         concat("columns of ", info.name), info.columns, in.columns);
  if (experts) {
    is_index("matmul", *experts, x, info.name, info.experts);
  } else {
    expect(info.experts == 1, "matmul", concat("experts without an index of ", info.name), info.experts, 1);
  }
  if (error_) return {};
  const Value out = value("matmul", in.rows, choices * info.rows);
  if (!error_) plan_.ops.emplace_back(MatMul{.x = x, .w = w, .experts = experts, .out = out});
  return out;
}

Value Builder::top_k(Value x, uint32_t count) {
  if (!is_f32("top_k", x)) return {};
  expect(count > 0 && count <= plan_[x].columns, "top_k", "count", count, plan_[x].columns);
  const Value out = value("top_k", plan_[x].rows, count, Element::i32);
  if (!error_) plan_.ops.emplace_back(TopK{.x = x, .count = count, .out = out});
  return out;
}

Value Builder::router_weights(Value logits, Value experts, bool normalized, float factor) {
  if (!is_f32("router_weights", logits) ||
      !is_index("router_weights", experts, logits, "the router", plan_[logits].columns)) {
    return {};
  }
  const Value out = value("router_weights", plan_[logits].rows, plan_[experts].columns);
  plan_.ops.emplace_back(RouterWeights{
      .logits = logits, .experts = experts, .normalized = normalized, .factor = factor, .out = out});
  return out;
}

Value Builder::weighted_sum(Value x, Value weights) {
  if (!is_f32("weighted_sum", x) || !is_f32("weighted_sum", weights)) return {};
  const ValueInfo& in = plan_[x];
  const ValueInfo& factors = plan_[weights];
  if (factors.rows != in.rows || in.columns % factors.columns != 0) {
    refuse(ErrorCode::invalid_model, concat("weighted_sum: weights are ", shape(factors), " of ", shape(in)));
    return {};
  }
  const Value out = value("weighted_sum", in.rows, in.columns / factors.columns);
  plan_.ops.emplace_back(WeightedSum{.x = x, .weights = weights, .out = out});
  return out;
}

Value Builder::bias(Value x, Weight bias) {
  if (!is_f32("bias", x) || !is_row("bias", bias, plan_[x].columns)) return {};
  const Value out = like("bias", x);
  plan_.ops.emplace_back(Bias{.x = x, .bias = bias, .out = out});
  return out;
}

Value Builder::add(Value a, Value b) {
  if (!agree("add", a, b)) return {};
  const Value out = like("add", a);
  plan_.ops.emplace_back(Add{.a = a, .b = b, .out = out});
  return out;
}

Value Builder::activation(ActivationKind kind, Value x) {
  if (!is_f32("activation", x)) return {};
  const Value out = like("activation", x);
  plan_.ops.emplace_back(Activation{.kind = kind, .x = x, .out = out});
  return out;
}

Value Builder::multiply(Value a, Value b) {
  if (!agree("multiply", a, b)) return {};
  const Value out = like("multiply", a);
  plan_.ops.emplace_back(Multiply{.a = a, .b = b, .out = out});
  return out;
}

Value Builder::scale(Value x, float factor) {
  if (!is_f32("scale", x)) return {};
  const Value out = like("scale", x);
  plan_.ops.emplace_back(Scale{.x = x, .factor = factor, .out = out});
  return out;
}

Value Builder::soft_cap(Value x, float cap) {
  if (!is_f32("soft_cap", x)) return {};
  if (!(cap > 0)) {
    refuse(ErrorCode::invalid_model, concat("soft_cap: cap is ", double{cap}, ", wanted above 0"));
    return {};
  }
  const Value out = like("soft_cap", x);
  plan_.ops.emplace_back(SoftCap{.x = x, .cap = cap, .out = out});
  return out;
}

Value Builder::rope(Value x, uint32_t settings) {
  if (!is_of_tokens("rope", x)) return {};
  const uint32_t head_length = plan_.rope_settings[settings].head_length;
  if (!expect(plan_[x].columns % head_length == 0, "rope", "columns past the last whole head",
              plan_[x].columns % head_length, 0)) {
    return {};
  }
  const Value out = like("rope", x);
  plan_.ops.emplace_back(Rope{.x = x, .settings = settings, .out = out});
  return out;
}

void Builder::store_kv(Store store, Value k, Value v) {
  if (!holds_kv("store_kv", store) || !is_of_tokens("store_kv", k) || !is_of_tokens("store_kv", v)) return;
  const StoreInfo& info = plan_[store];
  const uint64_t key_columns = uint64_t{info.head_count} * info.key_length;
  const uint64_t value_columns = uint64_t{info.head_count} * info.value_length;
  if (expect(plan_[k].columns == key_columns, "store_kv", "columns of k", plan_[k].columns, key_columns) &&
      expect(plan_[v].columns == value_columns, "store_kv", "columns of v", plan_[v].columns,
             value_columns)) {
    plan_.ops.emplace_back(StoreKv{.store = store, .k = k, .v = v});
  }
}

Value Builder::attention(Value q, Store store, const AttentionSettings& settings) {
  if (!holds_kv("attention", store) || !is_of_tokens("attention", q)) return {};
  const StoreInfo& info = plan_[store];
  const uint32_t heads = settings.head_count;
  expect(heads > 0 && heads % info.head_count == 0, "attention", "heads beyond a multiple of the key heads",
         heads % info.head_count, 0) &&
      expect(plan_[q].columns == uint64_t{heads} * info.key_length, "attention", "columns of q",
             plan_[q].columns, uint64_t{heads} * info.key_length);
  if (info.kind == StoreKind::ring) {
    expect(settings.window > 0 && settings.window <= info.window, "attention", "window over a ring",
           settings.window, info.window);
  }
  if (!settings.causal) {
    expect(info.kind == StoreKind::kv && settings.window == 0, "attention", "window without a direction",
           settings.window, 0);
  }
  if (settings.sinks) is_row("attention", *settings.sinks, heads);
  const Value out = value("attention", Rows::tokens, uint64_t{heads} * info.value_length);
  if (error_) return {};
  plan_.ops.emplace_back(Attention{.causal = settings.causal,
                                   .q = q,
                                   .store = store,
                                   .head_count = heads,
                                   .scale = settings.scale,
                                   .window = settings.window,
                                   .soft_cap = settings.soft_cap,
                                   .sinks = settings.sinks,
                                   .out = out});
  return out;
}

Value Builder::select_rows(Value x) {
  if (!is_of_tokens("select_rows", x)) return {};
  const Value out = value("select_rows", Rows::outputs, plan_[x].columns);
  plan_.ops.emplace_back(SelectRows{.x = x, .out = out});
  return out;
}

void Builder::embeddings(Value x) {
  if (!is_f32("embeddings", x)) return;
  if (plan_[x].rows != Rows::outputs) {
    refuse(ErrorCode::invalid_model,
           concat("embeddings: x is ", shape(plan_[x]), ", wanted a row per output"));
    return;
  }
  plan_.embeddings = x;
}

void Builder::logits(Value logits) {
  if (!is_f32("logits", logits)) return;
  if (plan_[logits].rows != Rows::outputs) {
    refuse(ErrorCode::invalid_model,
           concat("logits: x is ", shape(plan_[logits]), ", wanted a row per output"));
    return;
  }
  plan_.logits = logits;
  const Value penalized = like("penalties", logits);
  plan_.ops.emplace_back(Penalties{.logits = logits, .out = penalized});
  plan_.ops.emplace_back(Candidates{.logits = penalized});
}

Result<Plan> Builder::build() && {
  if (error_) return std::unexpected(*std::move(error_));
  if (!plan_.logits && !plan_.embeddings) {
    return fail(ErrorCode::internal, "plan: neither logits nor embeddings are marked");
  }

  std::vector<bool> written(plan_.values.size());
  std::vector<bool> read(plan_.values.size());
  std::vector<bool> stored(plan_.stores.size());
  for (const Op& op : plan_.ops) {
    for (const Value x : inputs(op)) {
      if (!written[x.id])
        return fail(ErrorCode::internal, "plan: ", name(op), " reads value ", x.id,
                    " too early, or after its last use");
      read[x.id] = true;
    }
    if (const auto out = output(op)) written[out->id] = true;
    if (const auto* penalties = std::get_if<Penalties>(&op)) written[penalties->logits.id] = false;
    if (const auto* kv = std::get_if<StoreKv>(&op)) stored[kv->store.id] = true;
    if (const auto* attention = std::get_if<Attention>(&op); attention && !stored[attention->store.id]) {
      return fail(ErrorCode::internal, "plan: attention reads store ", attention->store.id,
                  " before anything is stored there");
    }
  }
  if (plan_.embeddings) read[plan_.embeddings->id] = true;
  for (const Op& op : plan_.ops) {
    const auto out = output(op);
    if (out && !read[out->id]) {
      return fail(ErrorCode::internal, "plan: nothing uses value ", out->id, ", the result of ", name(op));
    }
  }
  return std::move(plan_);
}

}  // namespace chord::plan
