#include <cinttypes>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "model_file.h"

namespace chord::cli {
namespace {

void print_experts(const ModelFile& model) {
  const uint64_t count = model.number_of("expert_count");
  if (count == 0) return;
  const bool shares = model.number_of("expert_shared_feed_forward_length") != 0;
  std::printf("experts          %" PRIu64 " of %" PRIu64 " for each token%s\n",
              model.number_of("expert_used_count"), count, shares ? ", and one that all share" : "");
}

void print_metadata(chord_model* model) {
  for (size_t i = 0; i < chord_model_metadata_count(model); ++i) {
    const char* key = chord_model_metadata_key(model, i);
    size_t length = 0;
    const char* value = chord_model_metadata(model, key, &length);
    constexpr int kShown = 100;
    const bool cut = length > kShown;
    std::printf("  %-44s %.*s%s\n", key, static_cast<int>(cut ? kShown : length), value, cut ? " …" : "");
  }
}

void print_tensors(const chord_model* model, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    chord_tensor tensor{};
    chord_model_get_tensor(model, i, &tensor);
    std::printf("  %-36s %-7s %12" PRIu64 " bytes  [", tensor.name, tensor.type_name, tensor.bytes);
    for (uint32_t d = 0; d < tensor.dimension_count; ++d)
      std::printf("%s%" PRIu64, d == 0 ? "" : ", ", tensor.dims[d]);
    std::printf("]\n");
  }
}

}  // namespace

int info(int argc, char** argv) {
  bool tensors = false;
  Arguments arguments("info MODEL [--tensors]",
                      "Prints what a GGUF file says about itself; reads only its header.", 1);
  arguments.flag("tensors", tensors, "list the tensors, too");
  if (const auto code = arguments.parse(argc, argv)) return *code;
  const auto model = ModelFile::open(arguments.operands()[0]);
  if (!model) return kFailure;

  const chord_model_info facts = model->info();
  std::printf("architecture     %s\n", chord_model_architecture(model->get()));
  std::printf("parameters       %" PRIu64 "\n", facts.parameter_count);
  std::printf("weights          %" PRIu64 " bytes in %u tensors\n", facts.weight_bytes, facts.tensor_count);
  std::printf("vocabulary       %u tokens\n", facts.vocab_size);
  if (facts.block_count > 0) {
    std::printf("context          %u tokens\n", facts.context_length);
    std::printf("blocks           %u, of %u channels and %u in the feed-forward layer\n", facts.block_count,
                facts.embedding_length, facts.feed_forward_length);
    std::printf("heads            %u, with %u for keys and values\n", facts.head_count, facts.head_count_kv);
  }
  print_experts(*model);
  constexpr const char* kPoolings[] = {"", "mean", "the first token's", "the last token's"};
  if (facts.pooling != CHORD_POOLING_NONE) std::printf("pooling          %s\n", kPoolings[facts.pooling]);
  if (facts.encoder != 0) std::printf("encoder          it embeds texts, and cannot generate them\n");
  if (*chord_model_note(model->get()) != '\0')
    std::printf("note             %s\n", chord_model_note(model->get()));
  std::printf("\nmetadata\n");
  print_metadata(model->get());
  if (tensors) {
    std::printf("\ntensors\n");
    print_tensors(model->get(), facts.tensor_count);
  }
  return kSuccess;
}

}  // namespace chord::cli
