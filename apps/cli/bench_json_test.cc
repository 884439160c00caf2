#include "bench_json.h"

#include <gtest/gtest.h>

#include <limits>

namespace chord::cli {
namespace {

template <class T>
std::string json_of(T value) {
  JsonWriter json;
  json.value(value);
  return json.text();
}

TEST(JsonWriterTest, EscapesWhatStringsCannotHold) {
  EXPECT_EQ(json_of("a \"b\" \\c\n\x1f/"), R"("a \"b\" \\c\u000a\u001f/")");
  EXPECT_EQ(json_of("Zoë 🙂\x7f"), "\"Zoë 🙂\x7f\"");
  EXPECT_EQ(json_of("a\xff\xed\xa0\x80z\xc3"), "\"a\uFFFD\uFFFD\uFFFD\uFFFDz\uFFFD\"");
}

TEST(JsonWriterTest, WritesNumbersThatJsonHas) {
  EXPECT_EQ(json_of(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(json_of(0.1), "0.1");
  EXPECT_EQ(json_of(1e300), "1e+300");
  EXPECT_EQ(json_of(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json_of(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(json_of(std::optional<double>{}), "null");
}

TEST(JsonWriterTest, Nests) {
  JsonWriter json;
  json.begin_object();
  json.key("none");
  json.begin_array();
  json.end_array();
  json.key("\"two\"");
  json.begin_array();
  json.value(1u);
  json.begin_object();
  json.end_object();
  json.end_array();
  json.end_object();
  EXPECT_EQ(json.text(), R"({
  "none": [],
  "\"two\"": [
    1,
    {}
  ]
})");
}

}  // namespace
}  // namespace chord::cli
