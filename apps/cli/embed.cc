#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <span>

#include "arguments.h"
#include "commands.h"
#include "generation.h"
#include "model_file.h"

namespace chord::cli {
namespace {

// In the order of chord_pooling.
constexpr const char* kPoolingNames[] = {"file", "mean", "cls", "last"};

// Of several texts, one behind the other.
struct Embedded {
  std::vector<int32_t> tokens;
  std::vector<uint32_t> lengths;
  std::vector<float> vectors;
};

uint32_t text_flags(const chord_model_info& info) {
  return CHORD_TEXT_SPECIAL | (info.add_bos != 0 ? CHORD_TEXT_BOS : 0) |
         (info.add_eos != 0 ? CHORD_TEXT_EOS : 0);
}

std::optional<Embedded> embed_texts(const ModelFile& model, chord_session* session,
                                    const std::vector<std::string>& texts,
                                    const chord_embedding_options& options) {
  const chord_model_info info = model.info();
  Embedded embedded;
  for (const std::string& text : texts) {
    const auto tokens = model.tokenize(text, text_flags(info));
    if (!tokens) return std::nullopt;
    embedded.tokens.insert(embedded.tokens.end(), tokens->begin(), tokens->end());
    embedded.lengths.push_back(static_cast<uint32_t>(tokens->size()));
  }
  embedded.vectors.resize(texts.size() * info.embedding_length);
  if (texts.empty()) return embedded;
  chord_code code =
      chord_embed(session, embedded.tokens.data(), embedded.lengths.data(), texts.size(), &options);
  if (code == CHORD_OK) code = finish_steps(session, [](uint32_t) { return CHORD_OK; });
  for (size_t i = 0; i < texts.size() && code == CHORD_OK; ++i) {
    code = chord_get_embedding(session, i, embedded.vectors.data() + i * info.embedding_length);
  }
  if (code == CHORD_OK) return embedded;
  print_error(code);
  return std::nullopt;
}

template <class Item, class Print>
void print_list(std::span<const Item> items, Print print) {
  std::fputs("[", stdout);
  for (size_t i = 0; i < items.size(); ++i) {
    if (i != 0) std::fputs(",", stdout);
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

void print_json(const ModelFile& model, uint32_t pooling, double ms, const Embedded& embedded) {
  const chord_model_info info = model.info();
  std::printf("{\"dimensions\":%u,\"pooling\":\"%s\",\"ms\":%.3f,\n\"tokens\":[", info.embedding_length,
              kPoolingNames[pooling != CHORD_POOLING_NONE ? pooling : info.pooling], ms);
  std::span<const int32_t> tokens = embedded.tokens;
  for (size_t i = 0; i < embedded.lengths.size(); ++i) {
    if (i != 0) std::fputs(",\n", stdout);
    print_list(tokens.first(embedded.lengths[i]), [](int32_t token) { std::printf("%d", token); });
    tokens = tokens.subspan(embedded.lengths[i]);
  }
  std::printf("],\n\"embeddings\":[");
  std::span<const float> vectors = embedded.vectors;
  for (; !vectors.empty(); vectors = vectors.subspan(info.embedding_length)) {
    print_list(vectors.first(info.embedding_length), print_number);
    if (vectors.size() != info.embedding_length) std::fputs(",\n", stdout);
  }
  std::printf("]}\n");
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

  const auto begin = std::chrono::steady_clock::now();
  const auto embedded = embed_texts(*model, opened, texts, options);
  if (!embedded) return kFailure;
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - begin;
  print_json(*model, options.pooling, ms.count(), *embedded);
  return kSuccess;
}

}  // namespace chord::cli
