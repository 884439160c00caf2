#include "base/error.h"

#include <gtest/gtest.h>

#include <string>

namespace chord {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::invalid_argument, n, " is odd");
  return n / 2;
}

Result<int> quarter(int n) {
  CHORD_ASSIGN(const int h, half(n));
  return half(h);
}

TEST(Error, FailStatesTheValue) {
  const auto result = half(3);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(result.error().message(), "3 is odd");
}

TEST(Error, AssignPropagates) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message(), "3 is odd");
}

TEST(Error, ConcatTakesStringsAndNumbers) {
  EXPECT_EQ(concat("a ", std::string("b "), std::string_view("c "), -1, ' ', uint64_t{1} << 63, ' ', 0.5f,
                   ' ', true),
            "a b c -1 9223372036854775808 0.5 true");
}

TEST(Error, ConcatWritesNumbersPlainly) {
  EXPECT_EQ(concat(-0.25, ' ', 1.0, ' ', 1.1f, ' ', 40.000001, ' ', 1e-9, ' ', 1e300, ' ', -1.0 / 0.0),
            "-0.25 1 1.1 40.000001 0 1e15 or more -inf");
}

TEST(Error, EveryCodeHasAName) {
  for (int32_t code = 1; code <= static_cast<int32_t>(ErrorCode::internal); ++code) {
    EXPECT_NE(name(static_cast<ErrorCode>(code)), "unknown") << code;
  }
  EXPECT_EQ(name(static_cast<ErrorCode>(0)), "unknown");
}

}  // namespace
}  // namespace chord
