#include "gguf/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gguf/test_bytes.h"
#include "gguf/writer.h"

namespace chord::gguf {
namespace {

// One entry of every type, an array of every type, and arrays within arrays.
Bytes every_type() {
  Bytes bytes;
  bytes.prologue(0, 16);
  bytes.key("u8", ValueType::u8).number<uint8_t>(255);
  bytes.key("i8", ValueType::i8).number<int8_t>(-128);
  bytes.key("u16", ValueType::u16).number<uint16_t>(65535);
  bytes.key("i16", ValueType::i16).number<int16_t>(-32768);
  bytes.key("u32", ValueType::u32).number<uint32_t>(UINT32_MAX);
  bytes.key("i32", ValueType::i32).number<int32_t>(INT32_MIN);
  bytes.key("f32", ValueType::f32).number(1.5F);
  bytes.key("bool", ValueType::boolean).number<uint8_t>(1);
  bytes.key("string", ValueType::string).string("text \xff\xfe");
  bytes.key("u64", ValueType::u64).number<uint64_t>(UINT64_MAX);
  bytes.key("i64", ValueType::i64).number<int64_t>(INT64_MIN);
  bytes.key("f64", ValueType::f64).number(-0.25);
  bytes.key("strings", ValueType::array)
      .array(ValueType::string, 3)
      .string("a")
      .string("")
      .string("\xe2\x82");
  bytes.key("bools", ValueType::array).array(ValueType::boolean, 3).raw(std::string_view("\1\0\1", 3));
  bytes.key("empty", ValueType::array).array(ValueType::f64, 0);
  bytes.key("nested", ValueType::array).array(ValueType::array, 4);
  bytes.array(ValueType::i16, 2).number<int16_t>(-1).number<int16_t>(2);
  bytes.array(ValueType::array, 1).array(ValueType::string, 1).string("deep");
  bytes.array(ValueType::array, 0);
  bytes.array(ValueType::u64, 1).u64(7);
  return bytes;
}

template <class T>
T get(const Header& header, std::string_view key) {
  const Value* value = header.metadata.find(key);
  return value == nullptr ? T{} : std::get<T>(value->data);
}

const Array& as_array(const Value& value) {
  return std::get<Array>(value.data);
}

// The bytes that an array of these elements has.
template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& elements) {
  return *Array(elements).bytes();
}

std::string written_again(const Header& header) {
  MemorySink sink;
  Writer writer(sink);
  const auto result = writer.write_header(header.metadata, header.tensors);
  EXPECT_TRUE(result) << result.error().message();
  return std::string(reinterpret_cast<const char*>(sink.bytes().data()), sink.bytes().size());
}

TEST(Reader, EveryTypeOfMetadata) {
  const auto header = read(every_type().span());
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->version, 3);
  EXPECT_EQ(header->alignment, 32);
  ASSERT_EQ(header->metadata.entries().size(), 16);
  EXPECT_EQ(header->metadata.entries()[2].key, "u16");
  EXPECT_EQ(get<uint8_t>(*header, "u8"), 255);
  EXPECT_EQ(get<int8_t>(*header, "i8"), -128);
  EXPECT_EQ(get<uint16_t>(*header, "u16"), 65535);
  EXPECT_EQ(get<int16_t>(*header, "i16"), -32768);
  EXPECT_EQ(get<uint32_t>(*header, "u32"), UINT32_MAX);
  EXPECT_EQ(get<int32_t>(*header, "i32"), INT32_MIN);
  EXPECT_EQ(get<float>(*header, "f32"), 1.5F);
  EXPECT_EQ(get<bool>(*header, "bool"), true);
  EXPECT_EQ(get<std::string>(*header, "string"), "text \xff\xfe");
  EXPECT_EQ(get<uint64_t>(*header, "u64"), UINT64_MAX);
  EXPECT_EQ(get<int64_t>(*header, "i64"), INT64_MIN);
  EXPECT_EQ(get<double>(*header, "f64"), -0.25);
}

TEST(Reader, Arrays) {
  const auto header = read(every_type().span());
  ASSERT_TRUE(header);
  const StringArray strings = **header->metadata.find_strings("strings");
  ASSERT_EQ(strings.size(), 3);
  EXPECT_EQ(strings[0], "a");
  EXPECT_EQ(strings[1], "");
  EXPECT_EQ(strings[2], "\xe2\x82");
  const Array& bools = as_array(*header->metadata.find("bools"));
  EXPECT_EQ(bools.element_type(), ValueType::boolean);
  EXPECT_EQ(*bools.bytes(), bytes_of<bool>({true, false, true}));
  EXPECT_EQ(as_array(*header->metadata.find("empty")).size(), 0);
  EXPECT_EQ(as_array(*header->metadata.find("empty")).element_type(), ValueType::f64);

  const std::vector<Value>& nested = *as_array(*header->metadata.find("nested")).arrays();
  ASSERT_EQ(nested.size(), 4);
  EXPECT_EQ(as_array(nested[0]).element_type(), ValueType::i16);
  EXPECT_EQ(*as_array(nested[0]).bytes(), bytes_of<int16_t>({-1, 2}));
  const std::vector<Value>& deeper = *as_array(nested[1]).arrays();
  ASSERT_EQ(deeper.size(), 1);
  EXPECT_EQ((*as_array(deeper[0]).strings())[0], "deep");
  EXPECT_EQ(as_array(nested[2]).element_type(), ValueType::array);
  EXPECT_TRUE(as_array(nested[2]).arrays()->empty());
  EXPECT_EQ(*as_array(nested[3]).bytes(), bytes_of<uint64_t>({7}));
}

TEST(Reader, PiecesOfAnySizeReadTheSame) {
  Bytes bytes = every_type();
  const size_t header_bytes = bytes.span().size();
  bytes.pad();
  const std::string whole = written_again(*read(bytes.span()));
  ASSERT_EQ(whole, bytes.text());
  for (size_t piece = 1; piece <= header_bytes; ++piece) {
    Reader reader(std::nullopt);
    for (size_t at = 0; at < header_bytes; at += piece) {
      EXPECT_EQ(reader.consumed(), at);
      EXPECT_FALSE(reader.done());
      ASSERT_TRUE(reader.feed(bytes.span().subspan(at, std::min(piece, header_bytes - at))));
    }
    ASSERT_TRUE(reader.done()) << piece;
    EXPECT_EQ(reader.consumed(), header_bytes);
    EXPECT_EQ(written_again(std::move(reader).take()), whole);
  }
}

TEST(Reader, EveryPieceOfAHugeArrayIsTakenOnce) {
  // 4 MB in single bytes: a reader that began again with each piece would need hours.
  constexpr size_t kCount = 1 << 20;
  Bytes bytes;
  bytes.prologue(0, 1).key("k", ValueType::array).array(ValueType::u32, kCount);
  for (size_t i = 0; i < kCount; ++i) bytes.u32(i * 3);
  Reader reader(bytes.span().size());
  for (const std::byte& byte : bytes.span()) ASSERT_TRUE(reader.feed({&byte, 1}));
  ASSERT_TRUE(reader.done());
  const auto numbers = std::move(reader).take().metadata.find_integers("k").value().value();
  ASSERT_EQ(numbers.size(), kCount);
  EXPECT_EQ(numbers[kCount - 1], (kCount - 1) * 3);
}

TEST(Reader, Version2) {
  const auto header = read(Bytes().prologue(0, 1, 2).key("k", ValueType::u8).zeros(1).span());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->version, 2);
}

TEST(Reader, NoTensorsAndNoPadding) {
  const auto header = read(Bytes().prologue(0, 0).span());
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->data_offset, 32);
}

TEST(Reader, Tensors) {
  const auto q4_k = static_cast<uint32_t>(quant::Type::q4_k);
  // In another order than their names come in, with a gap between them and padding behind them.
  const Bytes bytes = Bytes()
                          .prologue(2, 0)
                          .tensor("b", {3, 2}, 320)
                          .tensor("a", {512, 1, 1, 1}, 0, q4_k)
                          .pad()
                          .zeros(320 + 32 + 500);
  const auto header = read(bytes.span());
  ASSERT_TRUE(header) << header.error().message();
  ASSERT_EQ(header->tensors.size(), 2);
  EXPECT_EQ(header->data_offset, 128);
  const TensorInfo* b = header->find_tensor("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->dimension_count, 2);
  EXPECT_EQ(b->columns(), 3);
  EXPECT_EQ(b->rows(), 2);
  EXPECT_EQ(b->offset, 128 + 320);
  EXPECT_EQ(b->bytes, 24);
  const TensorInfo* a = header->find_tensor("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->type, quant::Type::q4_k);
  EXPECT_EQ(a->bytes, 288);
  EXPECT_EQ(header->find_tensor("c"), nullptr);
}

TEST(Reader, AnyAlignment) {
  for (const uint64_t alignment : {1, 2, 4, 8, 24, 32, 40, 4096, 65536}) {
    Bytes bytes;
    bytes.prologue(2, 1).key("general.alignment", ValueType::u32).u32(alignment);
    const uint64_t second = (36 + alignment - 1) / alignment * alignment;
    bytes.tensor("a", {9}, 0).tensor("b", {1}, second);
    const uint64_t header_bytes = bytes.span().size();
    bytes.pad(alignment).zeros(second + 4);
    const auto header = read(bytes.span());
    ASSERT_TRUE(header) << alignment << ": " << header.error().message();
    EXPECT_EQ(header->alignment, alignment);
    EXPECT_EQ(header->data_offset % alignment, 0);
    EXPECT_GE(header->data_offset, header_bytes);
    EXPECT_LT(header->data_offset, header_bytes + alignment);
    EXPECT_EQ(header->tensors[1].offset, header->data_offset + second);
  }
}

TEST(Reader, BytesPastTheHeaderAreIgnored) {
  const Bytes bytes = Bytes().prologue(0, 0).raw("anything");
  Reader reader(std::nullopt);
  ASSERT_TRUE(reader.feed(bytes.span()));
  ASSERT_TRUE(reader.feed(bytes.span()));
  EXPECT_EQ(reader.consumed(), 24);
  EXPECT_TRUE(reader.finish());
}

}  // namespace
}  // namespace chord::gguf
