#pragma once

#include "cpu/kernels/command.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"

namespace chord::cpu::kernels {

// Runs one thread's share of a command with the functions of Ops: one static function per op, named like it.
template <class Ops>
void run_command(const Step& step, const Command& command, const Share& share) {
  switch (command.op) {
    case Op::embed:
      Ops::embed(step, command.embed, share);
      break;
    case Op::norm:
      Ops::norm(step, command.norm, share);
      break;
    case Op::quantize:
      Ops::quantize(step, command.quantize, share);
      break;
    case Op::matmul:
      Ops::matmul(step, command.matmul, share);
      break;
    case Op::add:
      Ops::add(step, command.add, share);
      break;
    case Op::multiply:
      Ops::multiply(step, command.multiply, share);
      break;
    case Op::unary:
      Ops::unary(step, command.unary, share);
      break;
    case Op::gated:
      Ops::gated(step, command.gated, share);
      break;
    case Op::rope_table:
      Ops::rope_table(step, command.rope_table, share);
      break;
    case Op::rope:
      Ops::rope(step, command.rope, share);
      break;
    case Op::store_kv:
      Ops::store_kv(step, command.store_kv, share);
      break;
    case Op::attention:
      Ops::attention(step, command.attention, share);
      break;
    case Op::select_rows:
      Ops::select_rows(step, command.select_rows, share);
      break;
    case Op::penalties:
      Ops::penalties(step, command.penalties, share);
      break;
    case Op::candidates:
      Ops::candidates(step, command.candidates, share);
      break;
    case Op::pack:
      Ops::pack(step, command.pack, share);
      break;
  }
}

// Runs commands[begin, end).
template <class Ops>
void run_list(Address step, Address commands, uint32_t begin, uint32_t end) {
  for (uint32_t i = begin; i < end; ++i) {
    run_command<Ops>(*at<const Step>(step), at<const Command>(commands)[i], Share{});
  }
}

}  // namespace chord::cpu::kernels
