#include <span>
#include <string>
#include <vector>

#include "arguments.h"
#include "commands.h"
#include "gguf/file.h"
#include "gguf/writer.h"
#include "mix.h"
#include "model_file.h"
#include "shapes.h"
#include "synth_header.h"
#include "synth_weights.h"
#include "whole_file.h"

namespace chord::cli {
namespace {

template <class Items>
std::string names_of(const Items& items) {
  std::string names;
  for (const auto& item : items) names += (names.empty() ? "" : ", ") + std::string(item.name);
  return names;
}

// Of a vector's elements: norms and the factors of short contexts are about 1.
float mean_of(std::string_view name) {
  if (name.ends_with(".bias") || name.ends_with("ffn_gate_inp_shexp.weight")) return 0;
  return name == "rope_factors_long.weight" ? 4.0f : 1.0f;
}

Result<void> write_model(const Shape& shape, const gguf::Header& header, uint64_t seed,
                         const std::string& path) {
  CHORD_ASSIGN(gguf::FileSink sink, gguf::FileSink::create(path));
  gguf::Writer writer(sink);
  CHORD_CHECK(writer.write_header(header.metadata, header.tensors));
  RandomWeights weights(seed);
  for (const gguf::TensorInfo& tensor : header.tensors) {
    if (tensor.name == "rope_freqs.weight") {
      const auto factors = rope_factors(*shape.rope_stretch, shape.rope_freq_base, shape.key_length);
      CHORD_CHECK(writer.write_data(std::as_bytes(std::span(factors))));
    } else if (shape.family != Family::llama && tensor.dimension_count == 1) {
      CHORD_CHECK(weights.write_vector(tensor, mean_of(tensor.name), writer));
    } else if (tensor.dimension_count == 1) {  // a norm
      const std::vector<float> ones(static_cast<size_t>(tensor.columns()), 1.0f);
      CHORD_CHECK(writer.write_data(std::as_bytes(std::span(ones))));
    } else {
      CHORD_CHECK(weights.write_matrix(tensor, writer));
    }
  }
  CHORD_CHECK(writer.finish());
  return sink.close();
}

}  // namespace

int synth(int argc, char** argv) {
  const std::string known_shapes = names_of(shapes());
  const std::string known_types = names_of(mixes());
  std::string shape_name;
  std::string type_name;
  uint64_t seed = 0;
  uint32_t context_length = 0;
  Arguments arguments(
      "synth --shape NAME --type TYPE [options] OUT",
      "Writes a model of random weights, which takes the time and memory of a real one of its\n"
      "shape, and takes any text. The same options give the same bytes.\n"
      "Shapes: " +
          known_shapes + ".\nTypes: " + known_types + ".",
      1);
  arguments.text("shape", "NAME", shape_name, "whose sizes it has");
  arguments.text("type", "TYPE", type_name, "of the weights, as quantize takes it");
  arguments.number("seed", seed, "of the random numbers (0)");
  arguments.number("context", context_length, "the context that the file declares (the shape's own)");
  if (const auto code = arguments.parse(argc, argv)) return *code;
  const Shape* shape = find_shape(shape_name);
  if (shape == nullptr) {
    print_error("there is no shape '" + shape_name + "'; known are " + known_shapes);
    return kUsage;
  }
  const Mix* mix = find_mix(type_name);
  if (mix == nullptr) {
    print_error("there is no type '" + type_name + "'; known are " + known_types);
    return kUsage;
  }
  if (context_length == 0) context_length = shape->context_length;

  const gguf::Header header = synth_header(*shape, *mix, context_length);
  return write_whole(arguments.operands()[0],
                     [&](const std::string& path) { return write_model(*shape, header, seed, path); });
}

}  // namespace chord::cli
