#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "arguments.h"
#include "commands.h"
#include "gguf/file.h"
#include "gguf/reader.h"
#include "gguf/writer.h"
#include "mix.h"
#include "model_file.h"
#include "quant/decode.h"
#include "quant/encode.h"
#include "whole_file.h"

namespace chord::cli {
namespace {

Result<gguf::Header> read_header(const gguf::Source& source) {
  gguf::Reader reader(source.size());
  std::vector<std::byte> piece;
  while (!reader.done()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(1 << 20, source.size() - reader.consumed())));
    if (piece.empty()) return std::unexpected(reader.finish().error());
    CHORD_CHECK(source.read(reader.consumed(), piece));
    CHORD_CHECK(reader.feed(piece));
  }
  return std::move(reader).take();
}

// Rows at a time, so that memory does not grow with the tensor.
Result<void> convert(const gguf::Source& source, const gguf::TensorInfo& from, quant::Type to,
                     gguf::Writer& writer) {
  const auto columns = static_cast<size_t>(from.columns());
  const auto row_bytes = static_cast<size_t>(from.bytes / from.rows());
  const quant::TypeTraits target = quant::traits(to);
  const size_t out_row_bytes = columns / target.block_length * target.block_bytes;
  const size_t rows_at_once = std::max<size_t>(1, (1 << 20) / columns);
  std::vector<std::byte> in;
  std::vector<float> weights;
  std::vector<std::byte> out;
  for (uint64_t row = 0; row < from.rows(); row += rows_at_once) {
    const auto rows = static_cast<size_t>(std::min<uint64_t>(rows_at_once, from.rows() - row));
    in.resize(rows * row_bytes);
    CHORD_CHECK(source.read(from.offset + row * row_bytes, in));
    if (to == from.type) {
      CHORD_CHECK(writer.write_data(in));
      continue;
    }
    weights.resize(rows * columns);
    out.resize(rows * out_row_bytes);
    quant::decode(from.type, in, weights);
    quant::encode(to, weights, out);
    CHORD_CHECK(writer.write_data(out));
  }
  return {};
}

Result<void> quantize_file(const std::string& in, const std::string& out, const Mix& mix) {
  CHORD_ASSIGN(const gguf::FileSource source, gguf::FileSource::open(in));
  CHORD_ASSIGN(gguf::Header header, read_header(source));
  std::vector<gguf::TensorInfo> tensors = header.tensors;
  for (gguf::TensorInfo& tensor : tensors) {
    const quant::Type type = type_in(mix, header, tensor);
    if (type != tensor.type && !quant::traits(tensor.type).is_weight) {
      return fail(ErrorCode::unsupported_format, "tensor ", tensor.name, " is ",
                  quant::traits(tensor.type).name, ", which cannot be quantized");
    }
    tensor.type = type;
  }
  header.metadata.set("general.file_type", gguf::Value{mix.file_type});
  header.metadata.set("general.quantization_version", gguf::Value{uint32_t{2}});

  CHORD_ASSIGN(gguf::FileSink sink, gguf::FileSink::create(out));
  gguf::Writer writer(sink);
  CHORD_CHECK(writer.write_header(header.metadata, tensors));
  for (size_t i = 0; i < tensors.size(); ++i) {
    std::fprintf(stderr, "[%zu/%zu] %s: %s -> %s\n", i + 1, tensors.size(), tensors[i].name.c_str(),
                 quant::traits(header.tensors[i].type).name.data(),
                 quant::traits(tensors[i].type).name.data());
    CHORD_CHECK(convert(source, header.tensors[i], tensors[i].type, writer));
  }
  CHORD_CHECK(writer.finish());
  return sink.close();
}

}  // namespace

int quantize(int argc, char** argv) {
  std::string names;
  for (const Mix& mix : mixes()) names += (names.empty() ? "" : ", ") + std::string(mix.name);
  Arguments arguments("quantize IN OUT TYPE",
                      "Writes the model IN to OUT with weights of TYPE: " + names +
                          ".\nStart from F32, F16 or BF16; what was quantized before loses twice.",
                      3);
  if (const auto code = arguments.parse(argc, argv)) return *code;
  const std::string& in = arguments.operands()[0];
  const std::string& out = arguments.operands()[1];
  const Mix* mix = find_mix(arguments.operands()[2]);
  if (mix == nullptr) {
    print_error("there is no type '" + arguments.operands()[2] + "'; known are " + names);
    return kUsage;
  }
  return write_whole(out, [&](const std::string& path) { return quantize_file(in, path, *mix); });
}

}  // namespace chord::cli
