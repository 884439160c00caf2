#include "cpu/meetings.h"

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu {
namespace {

using namespace kernels;

class Lister {
 public:
  explicit Lister(const RowLimits& limits) : limits_(limits) {}

  Access list(const Command& command) && {
    switch (command.op) {
      case Op::embed:
        add(command.embed);
        break;
      case Op::norm:
        add(command.norm);
        break;
      case Op::quantize:
        add(command.quantize);
        break;
      case Op::matmul:
        add(command.matmul);
        break;
      case Op::top_k:
        add(command.top_k);
        break;
      case Op::router_weights:
        add(command.router_weights);
        break;
      case Op::weighted_sum:
        add(command.weighted_sum);
        break;
      case Op::add:
        add(command.add);
        break;
      case Op::multiply:
        add(command.multiply);
        break;
      case Op::unary:
        add(command.unary);
        break;
      case Op::gated:
        add(command.gated);
        break;
      case Op::rope_table:
        add(command.rope_table);
        break;
      case Op::rope:
        add(command.rope);
        break;
      case Op::store_kv:
        add(command.store_kv);
        break;
      case Op::attention:
        add(command.attention);
        break;
      case Op::select_rows:
        add(command.select_rows);
        break;
      case Op::penalties:
        add(command.penalties);
        break;
      case Op::candidates:
        add(command.candidates);
        break;
      case Op::pack:
        add(command.pack);
        break;
    }
    return access_;
  }

 private:
  static void append(Ranges& ranges, Address address, uint64_t bytes) {
    if (address != 0) ranges.items[ranges.count++] = {.begin = address, .end = address + bytes};
  }
  // Elements of four bytes.
  void reads(Address address, uint64_t elements) { append(access_.reads, address, elements * 4); }
  void writes(Address address, uint64_t elements) { append(access_.writes, address, elements * 4); }
  uint64_t rows(Rows kind) const { return kind == Rows::tokens ? limits_.tokens : limits_.outputs; }

  void add(const Embed& op) { writes(op.out, limits_.tokens * op.columns); }

  void add(const Norm& op) {
    reads(op.x, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const Quantize& op) {
    const uint64_t choices = rows(op.rows) * op.choices;
    reads(op.x, choices * op.columns);
    append(access_.writes, op.out, choices * quantized_bytes(op.quantization, op.columns));
  }

  void add(const MatMul& op) {
    const Quantization quantization = quantization_of(static_cast<Type>(op.type));
    const uint64_t row = quantization == Quantization::none ? uint64_t{op.columns} * sizeof(float)
                                                            : quantized_bytes(quantization, op.columns);
    const uint64_t choices = rows(op.rows) * op.choices;
    append(access_.reads, op.x, (op.separate != 0 ? choices : rows(op.rows)) * row);
    reads(op.residual, choices * op.row_count);
    reads(op.experts, choices);
    writes(op.out, choices * op.row_count);
  }

  void add(const TopK& op) {
    reads(op.x, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.count);
  }

  void add(const RouterWeights& op) {
    reads(op.logits, rows(op.rows) * op.columns);
    reads(op.experts, rows(op.rows) * op.choices);
    writes(op.out, rows(op.rows) * op.choices);
  }

  void add(const WeightedSum& op) {
    reads(op.x, rows(op.rows) * op.choices * op.columns);
    reads(op.weights, rows(op.rows) * op.choices);
    reads(op.residual, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const Add& op) {
    reads(op.a, rows(op.rows) * op.columns);
    if (op.broadcast == 0) reads(op.b, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const Multiply& op) {
    reads(op.a, rows(op.rows) * op.columns);
    reads(op.b, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const Unary& op) {
    reads(op.x, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const Gated& op) {
    reads(op.gate, rows(op.rows) * op.columns);
    reads(op.up, rows(op.rows) * op.columns);
    writes(op.out, rows(op.rows) * op.columns);
  }

  void add(const RopeTable& op) { writes(op.out, limits_.tokens * op.pair_count * 2); }

  void add(const Rope& op) {
    const uint64_t elements = limits_.tokens * op.head_count * op.head_length;
    reads(op.x, elements);
    reads(op.table, limits_.tokens * op.pair_count * 2);
    writes(op.out, elements);
  }

  static void add_cache(Ranges& ranges, const Cache& cache) {
    const uint64_t cells = uint64_t{cache.head_count} * cache.cell_count;
    append(ranges, cache.keys, cells * element_bytes(cache.type, cache.key_length));
    append(ranges, cache.values, cells * element_bytes(cache.type, cache.value_length));
  }

  void add(const StoreKv& op) {
    reads(op.k, limits_.tokens * op.cache.head_count * op.cache.key_length);
    reads(op.v, limits_.tokens * op.cache.head_count * op.cache.value_length);
    add_cache(access_.writes, op.cache);
  }

  void add(const Attention& op) {
    reads(op.q, limits_.tokens * op.head_count * op.cache.key_length);
    add_cache(access_.reads, op.cache);
    writes(op.out, limits_.tokens * op.head_count * op.cache.value_length);
  }

  void add(const SelectRows& op) {
    reads(op.x, limits_.tokens * op.columns);
    writes(op.out, limits_.outputs * op.columns);
  }

  void add(const Penalties& op) { writes(op.logits, limits_.outputs * op.vocab_size); }

  void add(const Candidates& op) {
    reads(op.logits, limits_.outputs * op.vocab_size);
    append(access_.writes, op.mailboxes, limits_.outputs * sizeof(Mailbox));
  }

  void add(const Pack& op) {
    const auto type = static_cast<Type>(op.type);
    append(access_.reads, op.source, op.rows * row_bytes(type, op.columns));
    append(access_.writes, op.out, packed_bytes(type, op.columns, op.rows));
  }

  RowLimits limits_;
  Access access_;
};

bool overlap(const Ranges& some, const Ranges& others) {
  for (const Range& range : some) {
    for (const Range& other : others) {
      if (range.begin < other.end && other.begin < range.end) return true;
    }
  }
  return false;
}

bool conflict(const Access& first, const Access& second) {
  return overlap(second.reads, first.writes) || overlap(second.writes, first.reads) ||
         overlap(second.writes, first.writes);
}

}  // namespace

Access access_of(const Command& command, const RowLimits& limits) {
  return Lister(limits).list(command);
}

void mark_meetings(std::span<Command> commands, const RowLimits& limits) {
  size_t last = 0;  // the first command after the last meeting
  for (size_t i = 0; i < commands.size(); ++i) {
    const Access access = access_of(commands[i], limits);
    commands[i].meet = 0;
    for (size_t before = last; before < i && commands[i].meet == 0; ++before) {
      if (conflict(access_of(commands[before], limits), access)) commands[i].meet = 1;
    }
    if (commands[i].meet != 0) last = i;
  }
}

}  // namespace chord::cpu
