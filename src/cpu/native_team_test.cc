#include "cpu/native_team.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "cpu/kernels/dispatch.h"
#include "cpu/kernels/scalar/ops.h"
#include "cpu/kernels/variants.h"
#include "cpu/meetings.h"
#include "cpu/test_model.h"

namespace chord::cpu {
namespace {

using kernels::Command;
using kernels::Outcome;

// The best variant; all but the scalar one are shared out alike.
const kernels::Variant& variant() {
  return *kernels::variants().begin();
}

uint64_t address(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

// A chain of sums, each of which needs all of the one before it: values[i + 1] = values[i] + values[0].
struct SumChain {
  static constexpr uint32_t kColumns = 4000;
  std::vector<std::vector<float>> values;
  std::vector<Command> commands;
  kernels::Step step = {};

  explicit SumChain(size_t length) : values(length + 1, std::vector<float>(kColumns)) {
    step.token_count = 1;
    for (size_t i = 0; i < length; ++i) {
      Command command = {.op = kernels::Op::add, .meet = 0, .add = {}};
      command.add = {.a = address(values[i].data()),
                     .b = address(values[0].data()),
                     .out = address(values[i + 1].data()),
                     .rows = kernels::Rows::tokens,
                     .columns = kColumns,
                     .broadcast = 0};
      commands.push_back(command);
    }
    mark_meetings(commands, {.tokens = 1, .outputs = 1});
  }

  Outcome run(kernels::Team& team, float start) {
    std::ranges::fill(values[0], start);
    return variant().run(address(&team), address(&step), address(commands.data()), 0,
                         static_cast<uint32_t>(commands.size()));
  }
};

class Threads : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Counts, Threads, testing::Values(1, 2, 3, 7));

TEST_P(Threads, MeetWhereDataDemandsIt) {
  NativeTeam workers(variant().work, GetParam());
  EXPECT_EQ(workers.team().thread_count, GetParam());
  SumChain chain(30);
  for (int run = 1; run <= 200; ++run) {
    const auto start = static_cast<float>(run);
    ASSERT_EQ(chain.run(workers.team(), start), Outcome::done);
    ASSERT_THAT(chain.values.back(), testing::Each(start * 31)) << "run " << run;
  }
}

TEST_P(Threads, DoNotChangeABit) {
  const std::vector<int32_t> prompt = {1, 56, 0, 7, 7, 22, 41, 9, 13};
  const std::vector<uint32_t> rows = {0, 8};
  const std::vector<uint32_t> first = {0};
  const TestModel model = llama_like();
  const auto logits = [&](uint32_t threads) {
    Running running(model, {}, {.context_length = 40, .max_tokens = 16, .max_outputs = 16, .kv_type = {}},
                    no_time, threads);
    EXPECT_EQ(running.data_plane.thread_count(), threads);
    run_step(*running.executor, {.tokens = prompt, .first_position = 0, .output_rows = rows, .sampling = {}});
    std::vector<float> result = logits_of(*running.executor, model.plan, 1);
    for (uint32_t position = 9; position < 20; ++position) {
      const int32_t token = static_cast<int32_t>(position * 5 % 57);
      run_step(*running.executor,
               {.tokens = {&token, 1}, .first_position = position, .output_rows = first, .sampling = {}});
      const auto more = logits_of(*running.executor, model.plan, 0);
      result.insert(result.end(), more.begin(), more.end());
    }
    return result;
  };
  EXPECT_EQ(logits(GetParam()), logits(1));
}

TEST_P(Threads, SleepAndWakeUp) {
  NativeTeam workers(variant().work, GetParam());
  SumChain chain(3);
  for (int run = 0; run < 5; ++run) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_EQ(chain.run(workers.team(), 1), Outcome::done);
    ASSERT_THAT(chain.values.back(), testing::Each(4));
  }
}

// A worker that joins the first job it sees and stays there.
class Hanging {
 public:
  explicit Hanging(kernels::Team& team)
      : team_(team), thread_([this] {
          uint32_t last_job = 0;
          kernels::pass_gate(team_, last_job);
          while (!released_) std::this_thread::yield();
          kernels::leave(team_);
        }) {}
  ~Hanging() {
    released_ = true;
    thread_.join();
  }

 private:
  kernels::Team& team_;
  std::atomic<bool> released_ = false;
  std::thread thread_;
};

TEST(NativeTeam, GivesUpOnAWorkerThatHangs) {
  NativeTeam workers(variant().work, 2);
  kernels::Team& team = workers.team();
  team.patience = 3;
  SumChain chain(400);
  const Hanging hanging(team);
  Outcome outcome = Outcome::done;
  for (int run = 0; run < 100'000 && outcome == Outcome::done; ++run) outcome = chain.run(team, 1);
  EXPECT_EQ(outcome, Outcome::worker_lost);
  EXPECT_EQ(chain.run(team, 1), Outcome::worker_lost) << "at once, and again";
}

TEST(NativeTeam, GivesUpWithoutSleeping) {
  NativeTeam workers(variant().work, 2);
  kernels::Team& team = workers.team();
  team.patience = 1;
  team.first_may_sleep = 0;
  SumChain chain(400);
  const Hanging hanging(team);
  Outcome outcome = Outcome::done;
  for (int run = 0; run < 100'000 && outcome == Outcome::done; ++run) outcome = chain.run(team, 1);
  EXPECT_EQ(outcome, Outcome::worker_lost);
}

TEST(NativeTeam, WorksAloneAfterItsEnd) {
  NativeTeam workers(variant().work, 3);
  kernels::end_team(workers.team());
  SumChain chain(5);
  EXPECT_EQ(chain.run(workers.team(), 2), Outcome::done);
  EXPECT_THAT(chain.values.back(), testing::Each(12));
}

TEST(NativeTeam, HasAtMostSoManyThreads) {
  NativeTeam workers(variant().work, 100'000);
  EXPECT_LE(workers.team().thread_count, kernels::kMaxThreads);
  EXPECT_GE(default_thread_count(), 1U);
  EXPECT_LE(default_thread_count(), std::thread::hardware_concurrency());
}

TEST(NativeTeam, LeavesTheScalarVariantAlone) {
  EXPECT_EQ((*open_native_data_plane("scalar", 4))->thread_count(), 1U);
}

TEST(NativeTeam, TurnsALostWorkerIntoAnError) {
  const auto plane = *open_native_data_plane({}, 2);
  const TestModel model = llama_like();
  class Lost final : public DataPlane {
   public:
    explicit Lost(DataPlane& memory) : memory_(memory) {}
    Result<uint64_t> allocate(uint64_t bytes) override { return memory_.allocate(bytes); }
    void release(uint64_t at) override { memory_.release(at); }
    void write(uint64_t at, std::span<const std::byte> bytes) override { memory_.write(at, bytes); }
    void read(uint64_t at, std::span<std::byte> bytes) override { memory_.read(at, bytes); }
    Result<void> run(uint64_t, uint64_t, uint32_t, uint32_t) override {
      return result_of(kernels::Outcome::worker_lost);
    }
    std::string_view kernels() const override { return memory_.kernels(); }
    uint32_t thread_count() const override { return 2; }

   private:
    DataPlane& memory_;
  } lost(*plane);
  const auto device = *make_device(model.plan, lost, no_time);
  load(*device, model);
  const auto executor =
      *device->open({.context_length = 8, .max_tokens = 4, .max_outputs = 1, .kv_type = plan::KvType::f32});
  const std::vector<int32_t> tokens = {1};
  ASSERT_TRUE(executor->begin({.tokens = tokens, .first_position = 0, .output_rows = {}, .sampling = {}}));
  const auto progress = executor->advance(kForever);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code(), ErrorCode::worker_lost);
}

}  // namespace
}  // namespace chord::cpu
