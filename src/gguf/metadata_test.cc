#include "gguf/metadata.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chord::gguf {
namespace {

Metadata example() {
  StringArray strings;
  strings.push_back("one");
  strings.push_back("two");
  Metadata metadata;
  metadata.set("small", Value{uint8_t{7}});
  metadata.set("big", Value{UINT64_MAX});
  metadata.set("negative", Value{int16_t{-3}});
  metadata.set("real", Value{0.5F});
  metadata.set("precise", Value{0.1});
  metadata.set("truth", Value{true});
  metadata.set("text", Value{std::string("words")});
  metadata.set("strings", Value{Array(strings)});
  metadata.set("bytes", Value{Array(std::vector<int8_t>{-1, 2})});
  metadata.set("reals", Value{Array(std::vector<double>{0.25, 1e300})});
  metadata.set("truths", Value{Array(std::vector<bool>{true, false})});
  metadata.set("huge", Value{Array(std::vector<uint64_t>{1, UINT64_MAX})});
  return metadata;
}

void expect_wrong(const Error& error, std::string_view message) {
  EXPECT_EQ(error.code(), ErrorCode::invalid_model);
  EXPECT_EQ(error.message(), message);
}

TEST(Metadata, AbsentKeysGiveNothing) {
  const Metadata metadata = example();
  EXPECT_EQ(metadata.find("x"), nullptr);
  EXPECT_EQ(metadata.find_unsigned("x").value(), std::nullopt);
  EXPECT_EQ(metadata.find_number("x").value(), std::nullopt);
  EXPECT_EQ(metadata.find_bool("x").value(), std::nullopt);
  EXPECT_EQ(metadata.find_string("x").value(), std::nullopt);
  EXPECT_EQ(metadata.find_strings("x").value(), nullptr);
  EXPECT_EQ(metadata.find_numbers("x").value(), std::nullopt);
  EXPECT_EQ(metadata.find_integers("x").value(), std::nullopt);
}

TEST(Metadata, NumbersConvertWhereTheyFit) {
  const Metadata metadata = example();
  EXPECT_EQ(metadata.find_unsigned("small").value(), 7);
  EXPECT_EQ(metadata.find_unsigned("big").value(), UINT64_MAX);
  EXPECT_EQ(metadata.find_number("negative").value(), -3);
  EXPECT_EQ(metadata.find_number("real").value(), 0.5);
  EXPECT_EQ(metadata.find_number("precise").value(), 0.1);
  EXPECT_EQ(metadata.find_number("big").value(), std::ldexp(1.0, 64));
  expect_wrong(metadata.find_unsigned("negative").error(),
               "metadata key \"negative\" is -3, where an integer that is not negative is wanted");
}

TEST(Metadata, NothingElseConverts) {
  const Metadata metadata = example();
  expect_wrong(metadata.find_unsigned("real").error(),
               "metadata key \"real\" has type f32, where an integer that is not negative is wanted");
  expect_wrong(metadata.find_number("text").error(),
               "metadata key \"text\" has type string, where a number is wanted");
  EXPECT_FALSE(metadata.find_number("truth"));
  EXPECT_FALSE(metadata.find_unsigned("truth"));
  EXPECT_FALSE(metadata.find_bool("small"));
  EXPECT_FALSE(metadata.find_string("strings"));
  expect_wrong(metadata.find_strings("bytes").error(),
               "metadata key \"bytes\" has type array of i8, where array of string is wanted");
}

TEST(Metadata, TypedLookUps) {
  const Metadata metadata = example();
  EXPECT_EQ(metadata.find_bool("truth").value(), true);
  EXPECT_EQ(metadata.find_string("text").value(), "words");
  EXPECT_EQ((**metadata.find_strings("strings"))[1], "two");
}

TEST(Metadata, NumericArrays) {
  const Metadata metadata = example();
  EXPECT_EQ(metadata.find_numbers("bytes").value(), (std::vector<float>{-1, 2}));
  EXPECT_EQ(metadata.find_numbers("reals").value(), (std::vector<float>{0.25F, HUGE_VALF}));
  EXPECT_EQ(metadata.find_integers("bytes").value(), (std::vector<int64_t>{-1, 2}));
  EXPECT_EQ(metadata.find_integers("truths").value(), (std::vector<int64_t>{1, 0}));
  EXPECT_FALSE(metadata.find_numbers("truths"));
  EXPECT_FALSE(metadata.find_numbers("small"));
  EXPECT_FALSE(metadata.find_integers("reals"));
  EXPECT_FALSE(metadata.find_integers("strings"));
  expect_wrong(
      metadata.find_integers("huge").error(),
      "metadata key \"huge\" is 18446744073709551615, where an array of integers below 2^63 is wanted");
}

TEST(Metadata, SetReplacesInPlace) {
  Metadata metadata = example();
  metadata.set("big", Value{std::string("now text")});
  EXPECT_EQ(metadata.entries().size(), 12);
  EXPECT_EQ(metadata.entries()[1].key, "big");
  EXPECT_EQ(metadata.find_string("big").value(), "now text");
}

TEST(Metadata, Remove) {
  Metadata metadata = example();
  metadata.remove("big");
  metadata.remove("absent");
  EXPECT_EQ(metadata.find("big"), nullptr);
  EXPECT_EQ(metadata.entries()[1].key, "negative");
}

TEST(ValueType, Names) {
  EXPECT_EQ(name(ValueType::u8), "u8");
  EXPECT_EQ(name(ValueType::f64), "f64");
}

}  // namespace
}  // namespace chord::gguf
