#pragma once

#include "cpu/kernels/command.h"
#include "cpu/kernels/memory.h"
#include "cpu/kernels/share.h"
#include "cpu/kernels/waiting.h"

namespace chord::cpu::kernels {

// Runs one thread's share of a command with the functions of Ops: one static function per op, named like it.
template <class Ops>
[[gnu::noinline]] void run_command(const Step& step, const Command& command, const Share& share) {
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
    case Op::top_k:
      Ops::top_k(step, command.top_k, share);
      break;
    case Op::router_weights:
      Ops::router_weights(step, command.router_weights, share);
      break;
    case Op::weighted_sum:
      Ops::weighted_sum(step, command.weighted_sum, share);
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

// Counts the thread's pieces as done, and waits until all pieces before walk.next are. False if the team was
// lost.
static inline bool meet(Walk& walk, bool first) {
  Team& team = walk.team;
  count_done(walk);
  const auto all_done = [&] { return static_cast<int32_t>(load(team.done) - walk.next) >= 0; };
  return wait(team, team.done, team.done_sleepers, {.first = first}, all_done);
}

// Packing has no step.
static inline Part part_of(Address step) {
  if (step == 0 || at<const Step>(step)->part_count == 0) return {};
  return {.index = at<const Step>(step)->part, .count = at<const Step>(step)->part_count};
}

// One thread's part of a job. False if the team was lost.
template <class Ops>
bool walk_list(Walk& walk, bool first) {
  const Team& team = walk.team;
  const Step& step = *at<const Step>(team.step);
  const Part part = part_of(team.step);
  for (uint32_t i = team.begin; i < team.end; ++i) {
    const Command& command = at<const Command>(team.commands)[i];
    if (command.meet != 0 && !meet(walk, first)) return false;
    run_command<Ops>(step, command, Share(walk, part));
  }
  count_done(walk);
  return true;
}

// The team, if there is another thread in it.
static inline Team* team_at(Address address) {
  Team* team = at<Team>(address);
  if (!kHasThreads || team == nullptr || team->thread_count == 1) return nullptr;
  return load(team->state) == TeamState::ended ? nullptr : team;
}

static inline bool is_for_one(Address step) {
  return step != 0 && at<const Step>(step)->alone != 0;
}

// Runs a part of commands[begin, end) on the calling thread.
template <class Ops>
Outcome run_alone(Address step, Address commands, uint32_t begin, uint32_t end, Part part) {
  for (uint32_t i = begin; i < end; ++i) {
    run_command<Ops>(*at<const Step>(step), at<const Command>(commands)[i], Share(part));
  }
  return Outcome::done;
}

// Runs commands[begin, end) on the calling thread, which is the team's first, and on the workers that join.
// `team` may be none.
template <class Ops>
Outcome run_list(Address team_address, Address step, Address commands, uint32_t begin, uint32_t end) {
  Team* team = team_at(team_address);
  if (team != nullptr && load(team->state) == TeamState::lost) return Outcome::worker_lost;
  if (team == nullptr || is_for_one(step)) return run_alone<Ops>(step, commands, begin, end, part_of(step));
  team->step = step;
  team->commands = commands;
  team->begin = begin;
  team->end = end;
  open_gate(*team);
  Walk walk = {.team = *team};
  const bool complete = walk_list<Ops>(walk, true) && close_gate(*team);
  return complete ? Outcome::done : Outcome::worker_lost;
}

// What a worker does until the team ends or is lost.
template <class Ops>
void work(Address team_address) {
  Team& team = *at<Team>(team_address);
  uint32_t last_job = 0;
  while (pass_gate(team, last_job)) {
    Walk walk = {.team = team};
    walk_list<Ops>(walk, false);
    leave(team);
  }
}

}  // namespace chord::cpu::kernels
