#include <stddef.h>

#include "cpu/kernels/layout.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/scalar/file_quanta.h"
#include "cpu/kernels/scalar/ops.h"

namespace chord::cpu::kernels::scalar {
namespace {

// The quanta of a part, a byte each.
struct RowQuanta {
  PartQuanta of_row[kPanelRows];
};
struct GroupQuanta {
  Bytes halves[kPartGroups][2];  // of rows 0 to 3 and of rows 4 to 7
};

[[gnu::noinline]] void gather(const RowQuanta& rows, GroupQuanta& groups) {
  using Longs = uint32_t __attribute__((vector_size(16)));
  for (uint32_t h = 0; h < 2; ++h) {
    for (uint32_t v = 0; v < 2; ++v) {
      // Four rows by four groups of four bytes, transposed.
      Longs row[4];
      for (uint32_t r = 0; r < 4; ++r) row[r] = Longs(rows.of_row[4 * h + r][v]);
      const Longs low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
      const Longs low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
      const Longs high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
      const Longs high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
      groups.halves[4 * v][h] = Bytes(__builtin_shufflevector(low01, low23, 0, 1, 4, 5));
      groups.halves[4 * v + 1][h] = Bytes(__builtin_shufflevector(low01, low23, 2, 3, 6, 7));
      groups.halves[4 * v + 2][h] = Bytes(__builtin_shufflevector(high01, high23, 0, 1, 4, 5));
      groups.halves[4 * v + 3][h] = Bytes(__builtin_shufflevector(high01, high23, 2, 3, 6, 7));
    }
  }
}

// Bits [from, from + kBits) of the quanta.
template <uint32_t kBits>
[[gnu::noinline]] void write_plane(const GroupQuanta& groups, uint32_t from, Plane<kBits>& plane) {
  constexpr uint32_t kGroups = Plane<kBits>::kGroups;
  constexpr auto kMask = static_cast<uint8_t>((1 << kBits) - 1);
  for (uint32_t v = 0; v < kBits; ++v) {
    Bytes halves[2] = {};
    for (uint32_t g = 0; g < kGroups; ++g) {
      for (uint32_t h = 0; h < 2; ++h) {
        halves[h] |= bit_field(groups.halves[v * kGroups + g][h], from, kMask, g * kBits);
      }
    }
    __builtin_memcpy(plane.bytes[v], halves, sizeof halves);
  }
}

template <uint32_t kBits>
void write_quanta(const GroupQuanta& groups, WholeQuanta<kBits>& part) {
  write_plane(groups, 0, part.low);
}

template <uint32_t kBits, uint32_t kLowBits>
void write_quanta(const GroupQuanta& groups, SplitQuanta<kBits, kLowBits>& part) {
  write_plane(groups, 0, part.low);
  write_plane(groups, kLowBits, part.high);
}

template <class Block, class Panel>
void write_scales(const Block& block, uint32_t row, Panel& panel) {
  panel.d[row] = block.d;
  if constexpr (requires { block.m; }) panel.m[row] = block.m;
  if constexpr (requires { block.dmin; }) panel.dmin[row] = block.dmin;
  if constexpr (requires { Panel::kPairs; }) {
#pragma clang loop unroll(disable)
    for (uint32_t b = 0; b < 2 * Panel::kPairs; ++b) write_small_scale(block, b, panel, row);
  }
}

// Rows [begin, end), of which `begin` is the first of a panel.
template <class Block>
void pack_rows(const Pack& op, uint32_t begin, uint32_t end) {
  using Panel = PanelOf<Block>::Type;
  constexpr Block kNone = {};
  const uint32_t blocks = op.columns / Block::kLength;
  const auto* source = at<const Block>(op.source);
  Panel* out = at<Panel>(op.out) + uint64_t{begin / kPanelRows} * blocks;
  for (uint32_t first = begin; first < end; first += kPanelRows) {
    for (uint32_t b = 0; b < blocks; ++b, ++out) {
      const Block* row_blocks[kPanelRows];
#pragma clang loop unroll(disable)
      for (uint32_t r = 0; r < kPanelRows; ++r) {
        row_blocks[r] = first + r < end ? &source[uint64_t{first + r} * blocks + b] : &kNone;
        write_scales(*row_blocks[r], r, *out);
      }
      for (uint32_t p = 0; p < Block::kLength / kPartColumns; ++p) {
        RowQuanta rows;
#pragma clang loop unroll(disable)
        for (uint32_t r = 0; r < kPanelRows; ++r) read_quanta(*row_blocks[r], p, rows.of_row[r]);
        GroupQuanta groups;
        gather(rows, groups);
        write_quanta(groups, out->parts[p]);
      }
    }
  }
}

template <class Element>
void copy_rows(const Pack& op, uint32_t begin, uint32_t end) {
  const auto* source = at<const Element>(op.source) + uint64_t{begin} * op.columns;
  const uint64_t bytes = uint64_t{end - begin} * op.columns * sizeof(Element);
  __builtin_memcpy(at<Element>(op.out) + uint64_t{begin} * op.columns, source, static_cast<size_t>(bytes));
}

}  // namespace

void Ops::pack(const Step& /*step*/, const Pack& op, const Share& share) {
  const auto type = static_cast<Type>(op.type);
  share.each(op.rows, panel_rows(type), [&](uint32_t begin, uint32_t end) {
    visit_type(type, [&]<class Block>(Block) {
      if constexpr (Block::kLength == 1) {
        copy_rows<Block>(op, begin, end);
      } else {
        pack_rows<Block>(op, begin, end);
      }
    });
  });
}

}  // namespace chord::cpu::kernels::scalar
