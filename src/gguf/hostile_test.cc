// Files made to harm: one attack a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "gguf/limits.h"
#include "gguf/reader.h"
#include "gguf/test_bytes.h"

namespace chord::gguf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Reads the bytes as a whole file, and expects an error of this code with all these words.
template <class... Words>
void expect_refused(const Bytes& bytes, ErrorCode code, const Words&... words) {
  const auto header = read(bytes.span());
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code(), code) << header.error().message();
  EXPECT_THAT(header.error().message(), AllOf(HasSubstr(words)...));
}

template <class... Words>
void expect_invalid(const Bytes& bytes, const Words&... words) {
  expect_refused(bytes, ErrorCode::invalid_gguf, words...);
}

// The same where the source cannot say how long it is, so that only the limits stand in the way.
template <class... Words>
void expect_invalid_stream(const Bytes& bytes, const Words&... words) {
  Reader reader(std::nullopt);
  const auto result = reader.feed(bytes.span());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_gguf);
  EXPECT_THAT(result.error().message(), AllOf(HasSubstr(words)...));
}

TEST(Hostile, Empty) {
  expect_invalid(Bytes(), "the file is empty");
}

TEST(Hostile, WebPage) {
  expect_invalid(Bytes().raw("<!DOCTYPE html><html lang=\"en\">"), "\"<!DOCTYPE html><\"", "a web page");
}

TEST(Hostile, ShortFileOfAnotherKind) {
  expect_invalid(Bytes().raw("Not Found"), "not a GGUF file", "\"Not Found\"");
}

TEST(Hostile, GitLfsPointer) {
  expect_invalid(Bytes().raw("version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer");
}

TEST(Hostile, Safetensors) {
  expect_invalid(Bytes().u64(1234).raw("{\"__metadata__\":{}}"), "safetensors", "\\xd2\\x04");
}

TEST(Hostile, BigEndian) {
  expect_refused(Bytes().raw("GGUF").u32(0x03000000).zeros(16), ErrorCode::unsupported_format, "big-endian",
                 "version 3");
}

TEST(Hostile, Version1) {
  expect_refused(Bytes().prologue(0, 0, 1), ErrorCode::unsupported_format, "version 1");
}

TEST(Hostile, FutureVersion) {
  expect_refused(Bytes().prologue(0, 0, 4), ErrorCode::unsupported_format, "version 4");
}

TEST(Hostile, MoreTensorsThanTheLimit) {
  expect_invalid_stream(Bytes().prologue(uint64_t{1} << 63, 0), "9223372036854775808 tensors", "131072");
}

TEST(Hostile, MoreEntriesThanTheLimit) {
  expect_invalid_stream(Bytes().prologue(0, 65537), "65537 metadata entries", "65536");
}

TEST(Hostile, MoreEntriesThanTheFileHasRoomFor) {
  expect_invalid(Bytes().prologue(0, 2).zeros(20), "2 metadata entries of at least 14 bytes", "only 20");
}

TEST(Hostile, MoreTensorsThanTheFileHasRoomFor) {
  expect_invalid(Bytes().prologue(3, 0).zeros(80), "3 tensors of at least 33 bytes", "only 80");
}

TEST(Hostile, KeyPastTheEnd) {
  expect_invalid(Bytes().prologue(0, 1).u64(100).zeros(20), "metadata entry 1 of 1", "100 bytes", "only 20");
}

TEST(Hostile, KeyLongerThanTheLimit) {
  expect_invalid_stream(Bytes().prologue(0, 1).u64(65536), "65536 bytes", "1 to 65535");
}

TEST(Hostile, EmptyKey) {
  expect_invalid(Bytes().prologue(0, 1).u64(0).zeros(8), "a name of 0 bytes");
}

TEST(Hostile, KeyNotUtf8) {
  expect_invalid(Bytes().prologue(0, 1).key("a\xc0\xaf", ValueType::u8).zeros(1), "\"a\\xc0\\xaf\"", "UTF-8");
}

TEST(Hostile, DuplicateKey) {
  expect_invalid(Bytes()
                     .prologue(0, 3)
                     .key("a", ValueType::u8)
                     .zeros(1)
                     .key("b", ValueType::u8)
                     .zeros(1)
                     .key("a", ValueType::u32)
                     .zeros(4),
                 "metadata key \"a\" occurs more than once");
}

TEST(Hostile, UnknownValueType) {
  expect_invalid(Bytes().prologue(0, 1).string("k").u32(13).zeros(8), "(\"k\")", "value type 13");
}

TEST(Hostile, UnknownElementType) {
  expect_invalid(Bytes().prologue(0, 1).key("k", ValueType::array).u32(77).u64(0), "value type 77");
}

TEST(Hostile, BoolThatIsNeitherTrueNorFalse) {
  expect_invalid(Bytes().prologue(0, 1).key("k", ValueType::boolean).raw("\x02"), "a bool is 2");
  expect_invalid(
      Bytes().prologue(0, 1).key("k", ValueType::array).array(ValueType::boolean, 2).raw("\x01\xff"),
      "a bool is 255");
}

TEST(Hostile, StringLengthThatOverflows) {
  expect_invalid(Bytes().prologue(0, 1).key("k", ValueType::string).u64(UINT64_MAX),
                 "18446744073709551615 bytes", "only 0");
  expect_invalid_stream(Bytes().prologue(0, 1).key("k", ValueType::string).u64(UINT64_MAX),
                        "the limit of 134217728");
}

TEST(Hostile, ArrayWhoseBytesOverflow) {
  // 2^61 elements of 8 bytes are 0 bytes modulo 2^64.
  expect_invalid_stream(
      Bytes().prologue(0, 1).key("k", ValueType::array).array(ValueType::u64, uint64_t{1} << 61),
      "2305843009213693952 array elements of at least 8 bytes", "134217728");
}

TEST(Hostile, ArrayPastTheEnd) {
  expect_invalid(Bytes().prologue(0, 1).key("k", ValueType::array).array(ValueType::string, 1000).zeros(7999),
                 "1000 array elements of at least 8 bytes", "only 7999");
}

TEST(Hostile, ArraysNestedWithoutEnd) {
  Bytes bytes;
  bytes.prologue(0, 1).key("k", ValueType::array);
  for (int i = 0; i < 100; ++i) bytes.array(ValueType::array, 1);
  expect_invalid(bytes, "nested more than 8 deep");
}

TEST(Hostile, ManyArraysWithinAnArray) {
  Bytes bytes;
  bytes.prologue(0, 1).key("k", ValueType::array).array(ValueType::array, kMaxNestedArrays + 1);
  for (uint64_t i = 0; i <= kMaxNestedArrays; ++i) bytes.array(ValueType::u8, 0);
  expect_invalid(bytes, "more than 65536 arrays within arrays");
}

TEST(Hostile, HeaderWithoutEnd) {
  const std::string megabyte(1 << 20, 'x');
  Bytes start;
  start.prologue(0, 200).key("first", ValueType::u8).zeros(1);
  Reader reader(std::nullopt);
  ASSERT_TRUE(reader.feed(start.span()));
  Result<void> result;
  int entries = 0;
  for (; entries < 200 && result; ++entries) {
    Bytes entry;
    entry.key(std::to_string(entries), ValueType::string).string(megabyte);
    result = reader.feed(entry.span());
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(entries, 128);
  EXPECT_THAT(result.error().message(), HasSubstr("the limit of 134217728 bytes"));
}

TEST(Hostile, CutOffAnywhere) {
  Bytes whole;
  whole.prologue(1, 2).key("a", ValueType::string).string("text");
  whole.key("b", ValueType::array)
      .array(ValueType::array, 1)
      .array(ValueType::string, 2)
      .string("x")
      .string("y");
  whole.tensor("t", {8, 2}, 0).pad().zeros(64);
  ASSERT_TRUE(read(whole.span()));
  for (size_t size = 0; size < whole.span().size(); ++size) {
    const auto cut = read(whole.span().first(size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code(), ErrorCode::invalid_gguf);
  }
}

TEST(Hostile, CutOffWhereTheSizeWasUnknown) {
  const Bytes bytes = Bytes().prologue(0, 2).key("first.key", ValueType::u32).raw("ab");
  Reader reader(std::nullopt);
  ASSERT_TRUE(reader.feed(bytes.span()));
  const auto end = reader.finish();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message(),
            "the file ends after 47 bytes, in metadata entry 1 of 2 (\"first.key\"); it is cut off");
}

TEST(Hostile, AlignmentThatIsNone) {
  for (const uint32_t alignment : {0U, 3U, 12U, uint32_t{1} << 25, UINT32_MAX}) {
    expect_invalid(Bytes().prologue(0, 1).key("general.alignment", ValueType::u32).u32(alignment),
                   concat("general.alignment is ", alignment), "16777216");
  }
}

TEST(Hostile, AlignmentOfAnotherType) {
  expect_invalid(Bytes().prologue(0, 1).key("general.alignment", ValueType::string).string("32"),
                 "\"general.alignment\" has type string");
}

TEST(Hostile, TensorNameLongerThanTheLimit) {
  expect_invalid_stream(Bytes().prologue(1, 0).u64(65), "tensor 1 of 1", "65 bytes", "1 to 64");
}

TEST(Hostile, TensorNameNotUtf8) {
  expect_invalid(Bytes().prologue(1, 0).tensor("\xed\xa0\x80", {1}, 0), "\\xed\\xa0\\x80", "UTF-8");
}

TEST(Hostile, DuplicateTensorName) {
  expect_invalid(Bytes().prologue(2, 0).tensor("t", {8}, 0).tensor("t", {8}, 32).pad().zeros(64),
                 "tensor name \"t\" occurs more than once");
}

TEST(Hostile, NoDimensions) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {}, 0).pad(), "0 dimensions", "1 to 4");
}

TEST(Hostile, FiveDimensions) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {1, 1, 1, 1, 1}, 0).pad().zeros(32), "5 dimensions");
}

TEST(Hostile, ZeroDimension) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {32, 0, uint64_t{1} << 63}, 0).pad(), "(\"t\")",
                 "[32, 0, 9223372036854775808]", "zero");
}

TEST(Hostile, DimensionsWhoseProductOverflows) {
  // The product is 2^64, 0 modulo 2^64.
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {uint64_t{1} << 32, uint64_t{1} << 32}, 0).pad(),
                 "[4294967296, 4294967296]", "9007199254740992");
  // 2^64 + 2^33 bytes are less than the limit modulo 2^64.
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {1, (uint64_t{1} << 62) + (1 << 31)}, 0).pad(), "[1, 46");
}

TEST(Hostile, HugeTensor) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {uint64_t{1} << 52}, 0).pad(), "[4503599627370496]");
}

TEST(Hostile, RowThatIsNotWholeBlocks) {
  const auto q8_0 = static_cast<uint32_t>(quant::Type::q8_0);
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {33, 2}, 0, q8_0).pad().zeros(128), "rows of 33",
                 "Q8_0 blocks of 32");
}

TEST(Hostile, UnknownTensorType) {
  expect_refused(Bytes().prologue(1, 0).tensor("t", {32}, 0, 1000), ErrorCode::unsupported_format, "(\"t\")",
                 "type 1000 (unknown)");
}

TEST(Hostile, TensorTypeOfOthers) {
  expect_refused(Bytes().prologue(1, 0).tensor("t", {32}, 0, 39), ErrorCode::unsupported_format,
                 "type 39 (MXFP4)");
}

TEST(Hostile, MisalignedTensor) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {8}, 16).pad().zeros(64), "offset 16", "alignment 32");
}

TEST(Hostile, OffsetThatOverflows) {
  expect_invalid_stream(Bytes().prologue(1, 0).tensor("t", {8}, UINT64_MAX - 31), "18446744073709551584",
                        "9007199254740992");
}

TEST(Hostile, TensorPastTheEnd) {
  expect_invalid(Bytes().prologue(1, 0).tensor("t", {9}, 32).pad().zeros(67),
                 "tensor \"t\" has 36 bytes at 96, but the file ends at 131");
}

TEST(Hostile, OverlappingTensors) {
  expect_invalid(
      Bytes().prologue(3, 0).tensor("a", {8}, 64).tensor("b", {9}, 0).tensor("c", {8}, 32).pad().zeros(96),
      "\"b\" (36 bytes at 128)", "\"c\" (32 bytes at 160) overlap");
}

TEST(Hostile, SameRangeTwice) {
  expect_invalid(Bytes().prologue(2, 0).tensor("a", {8}, 0).tensor("b", {8}, 0).pad().zeros(32), "overlap");
}

TEST(Hostile, MessagesCarryNoTerminalEscapes) {
  expect_invalid(Bytes().prologue(0, 1).string("\x1b[31m\n").u32(99).zeros(8), "\"\\x1b[31m\\x0a\"");
}

TEST(Hostile, FailureStays) {
  Reader reader(std::nullopt);
  const auto first = reader.feed(Bytes().prologue(0, 0, 9).span());
  ASSERT_FALSE(first);
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.feed(Bytes().prologue(0, 0).span()).error().message(), first.error().message());
  EXPECT_EQ(reader.finish().error().message(), first.error().message());
}

// 100 000 tensors that lie in reverse order, with names that agree up to their ends: pairwise comparison of
// names or ranges would take minutes.
TEST(Hostile, ManyTensorsInTheWorstOrder) {
  constexpr uint64_t kTensors = 100'000;
  Bytes bytes;
  bytes.prologue(kTensors, 0);
  for (uint64_t i = 0; i < kTensors; ++i) {
    bytes.tensor(concat("a.name.as.long.as.they.come.", 1'000'000 - i), {8}, (kTensors - 1 - i) * 32);
  }
  bytes.pad().zeros(kTensors * 32);
  const auto begin = std::chrono::steady_clock::now();
  const auto header = read(bytes.span());
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->tensors.size(), kTensors);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace chord::gguf
