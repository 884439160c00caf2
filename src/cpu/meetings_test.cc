#include "cpu/meetings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cpu/test_model.h"

namespace chord::cpu {
namespace {

using kernels::Command;
using kernels::Op;

constexpr RowLimits kLimits = {.tokens = 2, .outputs = 1};
constexpr uint64_t kBytes = 2 * 8 * 4;  // of a value of two rows and eight columns

// out = a + b
Command add(uint64_t a, uint64_t b, uint64_t out) {
  Command command = {.op = Op::add, .meet = 7, .add = {}};
  command.add = {.a = a, .b = b, .out = out, .rows = kernels::Rows::tokens, .columns = 8, .broadcast = 0};
  return command;
}

std::vector<uint32_t> meetings(std::vector<Command> commands) {
  mark_meetings(commands, kLimits);
  std::vector<uint32_t> result;
  result.reserve(commands.size());
  for (const Command& command : commands) result.push_back(command.meet);
  return result;
}

uint64_t value(uint64_t index) {
  return 4096 + index * kBytes;
}

using testing::ElementsAre;

TEST(Meetings, ComeBeforeAReadOfWhatWasWritten) {
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(0), value(2), value(3))}),
              ElementsAre(0, 1));
}

TEST(Meetings, ComeBeforeAWriteOfWhatIsRead) {
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(3), value(4), value(1))}),
              ElementsAre(0, 1));
}

TEST(Meetings, ComeBeforeASecondWrite) {
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(3), value(4), value(2))}),
              ElementsAre(0, 1));
}

TEST(Meetings, AreNotNeededWhereNothingIsWritten) {
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(0), value(1), value(3)),
                        add(value(1), value(1), value(4))}),
              ElementsAre(0, 0, 0));
}

TEST(Meetings, SeeRangesThatOverlapByAByte) {
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(2) + kBytes - 4, value(5), value(7))}),
              ElementsAre(0, 1));
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(2) + kBytes, value(5), value(7))}),
              ElementsAre(0, 0));
}

TEST(Meetings, SettleEverythingBeforeThem) {
  // The third reads what the first wrote, but the meeting before the second has settled that.
  EXPECT_THAT(meetings({add(value(0), value(1), value(2)), add(value(2), value(1), value(3)),
                        add(value(2), value(2), value(4)), add(value(3), value(0), value(5))}),
              ElementsAre(0, 1, 0, 1));
}

TEST(Meetings, SeparateStoringFromAttending) {
  const kernels::Cache cache = {.keys = value(100),
                                .values = value(200),
                                .slot_bytes = 2 * 4 * 8 * 4,
                                .head_count = 2,
                                .key_length = 8,
                                .value_length = 8,
                                .cell_count = 4,
                                .type = kernels::KvType::f32,
                                .reserved = 0};
  Command store = {.op = Op::store_kv, .meet = 0, .store_kv = {}};
  store.store_kv = {.cache = cache, .k = value(0), .v = value(10)};
  Command attention = {.op = Op::attention, .meet = 0, .attention = {}};
  attention.attention = {.cache = cache,
                         .q = value(20),
                         .out = value(30),
                         .sinks = 0,
                         .head_count = 2,
                         .window = 0,
                         .scale = 1,
                         .soft_cap = 0,
                         .causal = 1};
  EXPECT_THAT(meetings({store, attention, add(value(40), value(40), value(50))}), ElementsAre(0, 1, 0));
}

// By every pair of commands instead of by what was accumulated.
bool conflict(const Command& first, const Command& second, const RowLimits& limits) {
  const auto touch = [](const Ranges& some, const Ranges& others) {
    for (const Range& a : some) {
      for (const Range& b : others) {
        if (std::max(a.begin, b.begin) < std::min(a.end, b.end)) return true;
      }
    }
    return false;
  };
  const Access a = access_of(first, limits);
  const Access b = access_of(second, limits);
  return touch(a.writes, b.reads) || touch(a.reads, b.writes) || touch(a.writes, b.writes);
}

std::vector<Command> commands_of(const TestModel& model, const plan::Step& step) {
  Running running(model);
  run_step(*running.executor, step);
  return running.data_plane.commands_run;
}

void expect_needed_and_enough(const std::vector<Command>& commands) {
  const RowLimits limits = {.tokens = 16, .outputs = 16};
  size_t last = 0;
  for (size_t i = 0; i < commands.size(); ++i) {
    bool conflicts = false;
    for (size_t j = last; j < i; ++j) conflicts = conflicts || conflict(commands[j], commands[i], limits);
    EXPECT_EQ(commands[i].meet != 0, conflicts) << "command " << i;
    if (commands[i].meet != 0) last = i;
  }
}

TEST(Meetings, AreThoseThatAPlanNeeds) {
  const std::vector<int32_t> tokens = {3, 1, 4, 1};
  const std::vector<uint32_t> rows = {3};
  const auto llama =
      commands_of(llama_like(), {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}});
  expect_needed_and_enough(llama);
  // Of a layer with norms of heads, before: the norm, the three products, the norm of the queries, their
  // rotation (and the norm of the keys), the keys' rotation, the store, the attention, the product, the norm,
  // two products, the gate, the product. At the end before the choice of rows, the norm, the logits, the
  // penalties and the candidates.
  EXPECT_EQ(std::ranges::count(llama, 1U, &Command::meet), 2 * 12 + 5);

  const auto routed =
      commands_of(mixture(quant::Type::q8_0),
                  {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}});
  expect_needed_and_enough(routed);
  EXPECT_TRUE(std::ranges::any_of(routed, [](const Command& command) {
    return command.op == kernels::Op::router_weights && command.meet == 0;
  })) << "weights do not wait for the experts";

  const std::vector<int32_t> experts = {0, 1, 2, 0};
  const std::vector<int32_t> output_experts = {1};
  const plan::NamedInput inputs[] = {{.name = "output_experts", .values = output_experts},
                                     {.name = "token_experts", .values = experts}};
  expect_needed_and_enough(commands_of(
      synthetic(),
      {.tokens = tokens, .first_position = 0, .output_rows = rows, .sampling = {}, .inputs = inputs}));
}

}  // namespace
}  // namespace chord::cpu
