#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "arguments.h"
#include "commands.h"
#include "generation.h"
#include "model_file.h"

namespace chord::cli {
namespace {

// In the order of chord_pooling.
constexpr const char* kPoolingNames[] = {"file", "mean", "cls", "last"};

struct Embedded {
  std::vector<int32_t> tokens;
  std::vector<float> vector;
};

uint32_t text_flags(const chord_model_info& info) {
  return CHORD_TEXT_SPECIAL | (info.add_bos != 0 ? CHORD_TEXT_BOS : 0) |
         (info.add_eos != 0 ? CHORD_TEXT_EOS : 0);
}

std::optional<Embedded> embed_text(const ModelFile& model, chord_session* session, const std::string& text,
                                   const chord_embedding_options& options) {
  const chord_model_info info = model.info();
  auto tokens = model.tokenize(text, text_flags(info));
  if (!tokens) return std::nullopt;
  Embedded embedded{.tokens = *std::move(tokens), .vector = std::vector<float>(info.embedding_length)};
  chord_code code = chord_embed(session, embedded.tokens.data(), embedded.tokens.size(), &options);
  if (code == CHORD_OK) code = finish_steps(session, [](uint32_t) { return CHORD_OK; });
  if (code == CHORD_OK) code = chord_get_embedding(session, embedded.vector.data());
  if (code == CHORD_OK) return embedded;
  print_error(code);
  return std::nullopt;
}

template <class Items, class Print>
void print_list(const Items& items, const char* separator, Print print) {
  std::fputs("[", stdout);
  for (size_t i = 0; i < items.size(); ++i) {
    std::fputs(i == 0 ? "" : separator, stdout);
    print(items[i]);
  }
  std::fputs("]", stdout);
}

// Nine digits give a float back exactly. JSON has no infinities; null stands for what is not finite.
void print_number(float number) {
  if (std::isfinite(number)) {
    std::printf("%.9g", double{number});
  } else {
    std::fputs("null", stdout);
  }
}

void print_json(const ModelFile& model, uint32_t pooling, double ms, const std::vector<Embedded>& texts) {
  const chord_model_info info = model.info();
  std::printf("{\"dimensions\":%u,\"pooling\":\"%s\",\"ms\":%.3f,\n\"tokens\":", info.embedding_length,
              kPoolingNames[pooling != CHORD_POOLING_NONE ? pooling : info.pooling], ms);
  print_list(texts, ",\n", [](const Embedded& text) {
    print_list(text.tokens, ",", [](int32_t token) { std::printf("%d", token); });
  });
  std::printf(",\n\"embeddings\":");
  print_list(texts, ",\n", [](const Embedded& text) { print_list(text.vector, ",", print_number); });
  std::printf("}\n");
}

bool append_lines(const std::string& file, std::vector<std::string>& texts) {
  const auto content = read_file(file);
  if (!content) return false;
  for (size_t at = 0; at < content->size();) {
    const size_t end = std::min(content->find('\n', at), content->size());
    texts.push_back(content->substr(at, end - at));
    at = end + 1;
  }
  return true;
}

}  // namespace

int embed(int argc, char** argv) {
  std::vector<std::string> texts;
  std::string file;
  PlaceOptions place;
  chord_embedding_options options{};
  chord_session_options session_options{};
  bool raw = false;
  Arguments arguments("embed MODEL --text TEXT [--text TEXT ...] [--file F] [options]",
                      "Prints the embeddings of texts as JSON: {\"dimensions\":…,\"pooling\":\"mean\",\n"
                      "\"ms\":…,\"tokens\":[[…],…],\"embeddings\":[[…],…]}.",
                      1);
  arguments.texts("text", "TEXT", texts, "a text");
  arguments.text("file", "F", file, "more texts, one a line");
  arguments.choice("pooling", {std::begin(kPoolingNames), std::end(kPoolingNames)}, options.pooling,
                   "how the embeddings of tokens become that of a text (file)");
  arguments.flag("raw", raw, "vectors as the model gives them, and not of length 1");
  arguments.number("context", session_options.context_length, "tokens of a text at most (the model's)");
  arguments.number("batch", session_options.batch_length, "tokens computed together, by decoders (128)");
  place.add_to(arguments);
  if (const auto code = arguments.parse(argc, argv)) return *code;
  options.raw = raw ? 1 : 0;
  if (!file.empty() && !append_lines(file, texts)) return kFailure;

  auto model = ModelFile::open(arguments.operands()[0]);
  if (!model || !model->place(place)) return kFailure;
  chord_session* opened = nullptr;
  if (const chord_code code = chord_session_new(model->get(), &session_options, &opened)) {
    return print_error(code);
  }
  const SessionHandle session(opened);

  std::vector<Embedded> embedded;
  embedded.reserve(texts.size());
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& text : texts) {
    auto result = embed_text(*model, opened, text, options);
    if (!result) return kFailure;
    embedded.push_back(*std::move(result));
  }
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
  print_json(*model, options.pooling, ms.count(), embedded);
  return kSuccess;
}

}  // namespace chord::cli
