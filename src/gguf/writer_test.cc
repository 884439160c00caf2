#include "gguf/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "gguf/file.h"
#include "gguf/reader.h"

namespace chord::gguf {
namespace {

using ::testing::HasSubstr;

TensorInfo tensor(std::string name, quant::Type type, std::array<uint64_t, 4> dims, uint32_t count = 2) {
  return {
      .name = std::move(name), .type = type, .dimension_count = count, .dims = dims, .offset = 0, .bytes = 0};
}

std::vector<std::byte> pattern(size_t size, int start) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(start + static_cast<int>(i) * 7);
  return bytes;
}

TEST(Writer, WhatIsWrittenIsReadAgain) {
  Metadata metadata;
  metadata.set("general.architecture", Value{std::string("llama")});
  metadata.set("general.alignment", Value{uint32_t{64}});
  const std::vector<TensorInfo> tensors = {tensor("odd", quant::Type::f32, {3, 1, 1, 1}, 1),
                                           tensor("blocks", quant::Type::q8_0, {64, 3, 1, 1}),
                                           tensor("last", quant::Type::i8, {5, 1, 1, 1}, 1)};
  const std::vector<std::vector<std::byte>> data = {pattern(12, 1), pattern(204, 2), pattern(5, 3)};

  MemorySink sink;
  Writer writer(sink);
  ASSERT_TRUE(writer.write_header(metadata, tensors));
  for (const auto& bytes : data) {
    const auto half = std::span(bytes).first(bytes.size() / 2);
    ASSERT_TRUE(writer.write_data(half));
    ASSERT_TRUE(writer.write_data(std::span(bytes).subspan(half.size())));
  }
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(sink.bytes().size() % 64, 0);

  const auto header = read(sink.bytes());
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->version, 3);
  EXPECT_EQ(header->alignment, 64);
  EXPECT_EQ(header->metadata.find_string("general.architecture").value(), "llama");
  ASSERT_EQ(header->tensors.size(), 3);
  for (size_t i = 0; i < data.size(); ++i) {
    const TensorInfo& read_back = header->tensors[i];
    EXPECT_EQ(read_back.name, tensors[i].name);
    EXPECT_EQ(read_back.type, tensors[i].type);
    EXPECT_EQ(read_back.dims, tensors[i].dims);
    EXPECT_EQ(read_back.offset, writer.tensors()[i].offset);
    EXPECT_EQ(read_back.offset % 64, 0);
    EXPECT_TRUE(
        std::ranges::equal(std::span(sink.bytes()).subspan(read_back.offset, read_back.bytes), data[i]));
  }
}

TEST(Writer, RefusesWhatAReaderWould) {
  const auto refusal = [](const Metadata& metadata, std::vector<TensorInfo> tensors) {
    MemorySink sink;
    const auto result = Writer(sink).write_header(metadata, tensors);
    EXPECT_TRUE(sink.bytes().empty());
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
    return result.error().message();
  };
  Metadata bad_key;
  bad_key.set("\xff", Value{true});
  EXPECT_THAT(refusal(bad_key, {}), HasSubstr("\"\\xff\" is not valid UTF-8"));
  Metadata bad_alignment;
  bad_alignment.set("general.alignment", Value{uint32_t{7}});
  EXPECT_THAT(refusal(bad_alignment, {}), HasSubstr("general.alignment is 7"));
  Metadata bad_array;
  bad_array.set("k", Value{Array(std::vector<Value>{Value{true}})});
  EXPECT_THAT(refusal(bad_array, {}), HasSubstr("an array of arrays has an element of type bool"));

  const TensorInfo good = tensor("t", quant::Type::f32, {4, 4, 1, 1});
  EXPECT_THAT(refusal({}, {good, good}), HasSubstr("\"t\" occurs more than once"));
  EXPECT_THAT(refusal({}, {tensor("t", quant::Type::q4_k, {128, 1, 1, 1})}), HasSubstr("rows of 128"));
  EXPECT_THAT(refusal({}, {tensor("t", quant::Type::f32, {4, 1, 1, 1}, 5)}), HasSubstr("5 dimensions"));
  EXPECT_THAT(refusal({}, {tensor(std::string(65, 'x'), quant::Type::f32, {4, 1, 1, 1})}),
              HasSubstr("65 bytes"));
  const TensorInfo huge = tensor("t", quant::Type::i8, {uint64_t{1} << 53, 1, 1, 1}, 1);
  EXPECT_THAT(refusal({}, {good, huge}), HasSubstr("9007199254740992 bytes at offset 64"));
}

TEST(Writer, RefusesTooMuchAndTooLittleData) {
  MemorySink sink;
  Writer writer(sink);
  EXPECT_FALSE(writer.finish());
  ASSERT_TRUE(writer.write_header({}, std::vector{tensor("t", quant::Type::f32, {4, 1, 1, 1}, 1)}));
  EXPECT_EQ(writer.write_data(pattern(17, 0)).error().message(),
            "tensor \"t\" still lacks 16 bytes, and was given 17");
  ASSERT_TRUE(writer.write_data(pattern(10, 0)));
  EXPECT_EQ(writer.finish().error().message(), "tensor \"t\" still lacks 6 of its 16 bytes");
  ASSERT_TRUE(writer.write_data(pattern(6, 0)));
  EXPECT_TRUE(writer.finish());
  EXPECT_FALSE(writer.write_data(pattern(1, 0)));
}

TEST(File, MissingFileSaysWhy) {
  const auto source = FileSource::open("/nowhere/model.gguf");
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code(), ErrorCode::io);
  EXPECT_EQ(source.error().message(), "cannot open /nowhere/model.gguf: No such file or directory");
}

TEST(File, DirectoryIsNoFile) {
  EXPECT_FALSE(FileSource::open("/"));
}

TEST(File, WrittenAndReadAgain) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("chord_file_test_" + std::to_string(::getpid()) + ".gguf");
  auto sink = FileSink::create(path);
  ASSERT_TRUE(sink) << sink.error().message();
  Writer writer(*sink);
  ASSERT_TRUE(writer.write_header({}, std::vector{tensor("t", quant::Type::i8, {6, 1, 1, 1}, 1)}));
  ASSERT_TRUE(writer.write_data(pattern(6, 9)));
  ASSERT_TRUE(writer.finish());
  ASSERT_TRUE(sink->close());

  const auto source = FileSource::open(path);
  ASSERT_TRUE(source);
  const auto header = read(*source);
  ASSERT_TRUE(header) << header.error().message();
  std::vector<std::byte> data(6);
  ASSERT_TRUE(source->read(header->tensors[0].offset, data));
  EXPECT_EQ(data, pattern(6, 9));
  EXPECT_EQ(source->read(source->size() - 5, data).error().code(), ErrorCode::io);
  std::filesystem::remove(path);
}

// The headers of files that others wrote come out byte for byte, and so does everything behind them.
void expect_same_when_written_again(const std::string& folder) {
  const std::filesystem::path path = std::filesystem::path(CHORD_SOURCE_DIR) / "../shared" / folder;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".gguf") continue;
    ++files;
    const auto source = FileSource::open(entry.path());
    ASSERT_TRUE(source);
    std::vector<std::byte> original(source->size());
    ASSERT_TRUE(source->read(0, original));
    const auto header = read(original);
    ASSERT_TRUE(header) << entry.path() << ": " << header.error().message();

    MemorySink sink;
    Writer writer(sink);
    ASSERT_TRUE(writer.write_header(header->metadata, header->tensors));
    for (const TensorInfo& each : header->tensors) {
      ASSERT_TRUE(writer.write_data(std::span(original).subspan(each.offset, each.bytes)));
    }
    ASSERT_TRUE(writer.finish());
    // Files without tensors may end unpadded; ours never do. Only the version may differ.
    original.resize(std::max<size_t>(original.size(), header->data_offset));
    original[4] = std::byte{3};
    EXPECT_TRUE(sink.bytes() == original) << entry.path();
  }
  EXPECT_GT(files, 0) << path;
}

TEST(Writer, VocabulariesComeOutAsTheyWere) {
  expect_same_when_written_again("vocab");
}
TEST(Writer, QuantizedModelsComeOutAsTheyWere) {
  expect_same_when_written_again("quants");
}
TEST(Writer, ArchitecturesComeOutAsTheyWere) {
  expect_same_when_written_again("archs");
}

}  // namespace
}  // namespace chord::gguf
