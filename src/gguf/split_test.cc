#include "gguf/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "gguf/limits.h"
#include "gguf/test_bytes.h"

namespace chord::gguf {
namespace {

using ::testing::HasSubstr;

// The header of a file with these tensors, of 4 floats each.
Header part(uint64_t number, uint64_t count, std::initializer_list<std::string_view> names,
            uint64_t tensor_count = 0) {
  Bytes bytes;
  bytes.prologue(names.size(), tensor_count == 0 ? 2 : 3)
      .key("split.no", ValueType::u16)
      .number(static_cast<uint16_t>(number))
      .key("split.count", ValueType::u16)
      .number(static_cast<uint16_t>(count));
  if (tensor_count != 0) bytes.key("split.tensors.count", ValueType::i32).u32(tensor_count);
  uint64_t offset = 0;
  for (const std::string_view name : names) {
    bytes.tensor(name, {4}, offset);
    offset += 32;
  }
  bytes.pad().zeros(offset);
  auto header = read(bytes.span());
  EXPECT_TRUE(header) << header.error().message();
  return std::move(*header);
}

std::string message_of(const Result<void>& result) {
  return result ? "no error" : result.error().message();
}

TEST(Split, AFileThatIsNotSplitIsAWhole) {
  const auto header = read(Bytes().prologue(1, 0).tensor("a", {4}, 0).pad().zeros(32).span());
  ASSERT_TRUE(header);
  const uint64_t offset = header->tensors[0].offset;
  Split split;
  EXPECT_FALSE(split.complete());
  ASSERT_TRUE(split.add(*header));
  EXPECT_TRUE(split.complete());
  EXPECT_EQ(split.header().tensors[0].offset, offset);
  EXPECT_EQ(split.locate(offset).file, 0);
  EXPECT_EQ(split.locate(offset + (uint64_t{1} << 40)).offset, offset + (uint64_t{1} << 40));
}

TEST(Split, TheFilesAreOne) {
  const std::array parts = {part(0, 3, {}, 3), part(1, 3, {"a", "b"}), part(2, 3, {"c"})};
  Split split;
  for (const Header& each : parts) {
    EXPECT_FALSE(split.complete());
    ASSERT_TRUE(split.add(each));
  }
  ASSERT_TRUE(split.complete());
  const Header& whole = split.header();
  ASSERT_EQ(whole.tensors.size(), 3);
  EXPECT_TRUE(whole.metadata.find("split.tensors.count"));
  const auto expect_at = [&](size_t tensor, uint32_t file, const TensorInfo& in_file) {
    const Split::Place place = split.locate(whole.tensors[tensor].offset);
    EXPECT_EQ(whole.tensors[tensor].name, in_file.name);
    EXPECT_EQ(place.file, file);
    EXPECT_EQ(place.offset, in_file.offset);
    const Split::Place last = split.locate(whole.tensors[tensor].offset + whole.tensors[tensor].bytes - 1);
    EXPECT_EQ(last.file, file);
  };
  expect_at(0, 1, parts[1].tensors[0]);
  expect_at(1, 1, parts[1].tensors[1]);
  expect_at(2, 2, parts[2].tensors[0]);
}

TEST(Split, ALaterFileIsNoBeginning) {
  Split split;
  EXPECT_THAT(message_of(split.add(part(1, 3, {"a"}))), HasSubstr("file 2 of the 3 of a split model"));
  EXPECT_FALSE(split.complete());
}

TEST(Split, FilesThatBelongElsewhere) {
  for (const auto& [number, count] : {std::pair{0, 3}, {2, 3}, {1, 2}, {1, 0}}) {
    Split split;
    ASSERT_TRUE(split.add(part(0, 3, {"a"})));
    EXPECT_THAT(message_of(split.add(part(number, count, {"b"}))), HasSubstr("file 2 of 3"));
    EXPECT_FALSE(split.complete());
  }
}

TEST(Split, TwoFilesWithOneTensor) {
  Split split;
  ASSERT_TRUE(split.add(part(0, 2, {"a", "b"})));
  EXPECT_THAT(message_of(split.add(part(1, 2, {"c", "a"}))), HasSubstr("\"a\" occurs more than once"));
}

TEST(Split, TheNumberOfTensorsIsChecked) {
  Split split;
  ASSERT_TRUE(split.add(part(0, 2, {"a"}, 3)));
  EXPECT_THAT(message_of(split.add(part(1, 2, {"b"}))),
              HasSubstr("have 2 tensors together, and the first says 3"));
}

TEST(Split, TooManyFiles) {
  Split split;
  EXPECT_THAT(message_of(split.add(part(0, kMaxSplitFiles + 1, {"a"}))), HasSubstr("at most 1024"));
}

TEST(Split, ALengthThatWrapsAround) {
  Header large = part(0, 2, {"a"});
  large.tensors[0].offset = kMaxFileBytes - 16;
  Split split;
  ASSERT_TRUE(split.add(large));
  EXPECT_THAT(message_of(split.add(part(1, 2, {"b"}))), HasSubstr("longer than"));
}

}  // namespace
}  // namespace chord::gguf
