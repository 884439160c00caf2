#pragma once

#include "cpu/kernels/command.h"
#include "cpu/kernels/memory.h"

namespace chord::cpu::kernels {

// Runs commands[begin, end) with the functions of Ops: one static function per op, named like it.
template <class Ops>
void run_list(Address step_address, Address commands, uint32_t begin, uint32_t end) {
  const Step& step = *at<const Step>(step_address);
  for (uint32_t i = begin; i < end; ++i) {
    const Command& command = at<const Command>(commands)[i];
    switch (command.op) {
      case Op::embed:
        Ops::embed(step, command.embed);
        break;
      case Op::norm:
        Ops::norm(step, command.norm);
        break;
      case Op::matmul:
        Ops::matmul(step, command.matmul);
        break;
      case Op::add:
        Ops::add(step, command.add);
        break;
      case Op::multiply:
        Ops::multiply(step, command.multiply);
        break;
      case Op::unary:
        Ops::unary(step, command.unary);
        break;
      case Op::gated:
        Ops::gated(step, command.gated);
        break;
      case Op::rope_table:
        Ops::rope_table(step, command.rope_table);
        break;
      case Op::rope:
        Ops::rope(step, command.rope);
        break;
      case Op::store_kv:
        Ops::store_kv(step, command.store_kv);
        break;
      case Op::attention:
        Ops::attention(step, command.attention);
        break;
      case Op::select_rows:
        Ops::select_rows(step, command.select_rows);
        break;
      case Op::penalties:
        Ops::penalties(step, command.penalties);
        break;
      case Op::candidates:
        Ops::candidates(step, command.candidates);
        break;
    }
  }
}

}  // namespace chord::cpu::kernels
