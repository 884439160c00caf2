// For tests: a session on a FakeExecutor, with a vocabulary of two dozen tokens.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gguf/metadata.h"
#include "session/fake_executor.h"
#include "session/session.h"
#include "text/tokenizer.h"

namespace chord::session {

using Tokens = std::vector<int32_t>;

enum Token : int32_t { kBos = 1, kEos, kA, kB, kC, kD, kE, kF, kByteC3, kByteA9, kTool, kFirstFiller };
inline constexpr uint32_t kVocabSize = 24;

inline text::Tokenizer make_tokenizer() {
  gguf::StringArray texts;
  std::vector<int32_t> types;
  const auto add = [&](std::string_view text, int32_t type) {
    texts.push_back(text);
    types.push_back(type);
  };
  add("<unk>", 2);
  add("<s>", 3);
  add("</s>", 3);
  for (const char* letter : {"a", "b", "c", "d", "e", "f"}) add(letter, 1);
  add("<0xC3>", 6);
  add("<0xA9>", 6);
  add("<|tool|>", 3);
  while (types.size() < kVocabSize) add(std::string(types.size(), 'x'), 1);
  gguf::Metadata metadata;
  metadata.set("tokenizer.ggml.model", {std::string("llama")});
  metadata.set("tokenizer.ggml.scores", {gguf::Array(std::vector<float>(kVocabSize))});
  metadata.set("tokenizer.ggml.tokens", {gguf::Array(std::move(texts))});
  metadata.set("tokenizer.ggml.token_type", {gguf::Array(types)});
  return text::Tokenizer::create(metadata).value();
}

class SessionFixture : public testing::Test {
 protected:
  struct Outcome {
    Tokens tokens;
    std::vector<std::string> pieces;  // the last one is what was held back
    int working = 0;
    int waiting = 0;

    std::string text() const {
      std::string text;
      for (const std::string& piece : pieces) text += piece;
      return text;
    }
  };

  static constexpr double kUnlimited = 1e9;

  Session make(Overflow overflow = Overflow::stop, uint32_t keep = 0) {
    model_.vocab_size = settings_.vocab_size;
    model_.max_tokens = settings_.batch_length;
    model_.max_outputs = settings_.max_outputs;
    settings_.overflow = overflow;
    settings_.keep = keep;
    return Session::create(std::make_unique<FakeExecutor>(model_), &tokenizer_, settings_, fake_clock)
        .value();
  }

  static Outcome finish(Session& session, double budget_ms = kUnlimited) {
    Outcome outcome;
    for (int i = 0; i < 10'000; ++i) {
      const auto event = session.step(budget_ms);
      if (!event) {
        ADD_FAILURE() << event.error().message();
        return outcome;
      }
      if (*event == Event::working) ++outcome.working;
      if (*event == Event::waiting) ++outcome.waiting;
      if (*event == Event::token) outcome.tokens.push_back(session.piece().token);
      if (*event == Event::token || *event == Event::done) outcome.pieces.push_back(session.piece().text);
      if (*event == Event::done) return outcome;
    }
    ADD_FAILURE() << "never done";
    return outcome;
  }

  static Outcome run(Session& session, const Tokens& prompt, const GenerationOptions& options,
                     double budget_ms = kUnlimited) {
    const auto started = session.generate(prompt, options);
    EXPECT_TRUE(started) << started.error().message();
    return started ? finish(session, budget_ms) : Outcome{};
  }

  // What a model without cache, chunks and session would say.
  Tokens greedy(Tokens text, size_t count) const {
    Tokens generated;
    while (generated.size() < count) {
      const auto logits = model_.logits(text);
      const auto largest = std::ranges::max_element(logits) - logits.begin();
      generated.push_back(static_cast<int32_t>(largest));
      text.push_back(generated.back());
    }
    return generated;
  }

  // Makes the model say `tokens` after a prompt of this length.
  void say(size_t prompt_length, const Tokens& tokens) {
    model_.script.clear();
    for (size_t i = 0; i < tokens.size(); ++i) {
      model_.script[static_cast<uint32_t>(prompt_length - 1 + i)] = tokens[i];
    }
  }

  FakeModel model_;
  text::Tokenizer tokenizer_ = make_tokenizer();
  Settings settings_{.context_length = 64, .batch_length = 4, .max_outputs = 3, .vocab_size = kVocabSize};
  // Long enough texts of a random model: its EOS does not end them.
  GenerationOptions random_{.max_tokens = 12, .ignore_eos = true};
  Tokens prompt_ = {kBos, kA, kB, kC, kD, kE, kA, kB, kC, kD};
};

}  // namespace chord::session
