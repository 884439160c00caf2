#include "grammar/gbnf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grammar/test_grammar.h"

namespace chord::grammar {
namespace {

struct GbnfCase {
  std::string_view grammar;
  std::vector<std::string_view> valid;
  std::vector<std::string_view> invalid;
};

TEST(Gbnf, MatchesWhatTheRulesSay) {
  const std::vector<GbnfCase> cases = {
      {R"(root ::= "a" | "bc" x
x ::= [0-9]+ "!"?   # with a comment
)",
       {"a", "bc1", "bc12!"},
       {"", "ab", "bc!", "bc1!!"}},
      {"root ::= (\"a\"\n  | \"b\" # inside\n)* \"c\"", {"c", "abac"}, {"ab", "cc"}},
      {"root ::= x\n  | y\nx ::= \"x\"\r\ny ::=\n \"y\"", {"x", "y"}, {"xy"}},
      {R"(root ::= "a"{2} "b"{1,} "c"{0,2} [d]{1,2}?)",
       {"aab", "aabbccdd"},
       {"ab", "aa", "aabccc", "aabddd"}},
      {R"(root ::= "\x41\u00e9\U0001F600\t\"\\")", {"A\u00e9\U0001F600\t\"\\"}, {"A"}},
      {R"(root ::= [^"\\\x00-\x1F]* .)", {"abc\u20ac\"", "\n"}, {"\"a", "a\nb", "\xff"}},
      {R"(root ::= [a\]\-z-])", {"a", "]", "-", "z"}, {"b"}},
      {R"(root ::= "[" [^\u0080-\uFFFF]+ "]")", {"[a\U0001F600]"}, {"[\u00e9]", "[\uffff]"}},
      // Recursion to the right, and in the middle; ambiguity; nothing, repeated.
      {R"(root ::= "x" root | "x")", {"x", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}, {""}},
      {R"~(root ::= "(" root ")" | "")~", {"", "(((())))"}, {"(()", ")"}},
      {R"(root ::= ("a" | "a" "a")+)", {"a", "aaaaa"}, {"b"}},
      {R"(root ::= ("" | "a"?)* "b" nothing
nothing ::= )",
       {"b", "aab"},
       {"a"}},
      {R"~(root ::= expr
expr ::= term ("+" term)*
term ::= "1" | "(" expr ")")~",
       {"1", "(1+1)+1"},
       {"1+", "(1"}},
  };
  for (const GbnfCase& c : cases) {
    const auto program = gbnf(c.grammar);
    ASSERT_TRUE(program) << c.grammar << ": " << program.error().message();
    for (const std::string_view text : c.valid)
      EXPECT_EQ(verdict(program, text), "yes") << c.grammar << " " << text;
    for (const std::string_view text : c.invalid)
      EXPECT_NE(verdict(program, text), "yes") << c.grammar << " " << text;
  }
}

TEST(Gbnf, SaysWhereItIsWrong) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"", "no rule \"root\""},
      {"start ::= \"a\"", "no rule \"root\""},
      {"root ::= \"a\" x", "line 1, column 14: the rule \"x\" is used and not defined"},
      {"root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule \"root\" is defined already"},
      {"root := \"a\"", "line 1, column 6: \"::=\" should be here"},
      {"root ::= \"a", "line 1, column 12: a literal"},
      {"root ::= [a", "column 12: a literal or a class"},
      {"root ::= (\"a\"", "column 14: a \")\" should be here"},
      {"root ::= \"a\" )", "column 14: \")\" has no meaning here"},
      {"root ::= \"\\q\"", "column 13: the escapes are"},
      {"root ::= \"\\x4\"", "\\x is not followed by the number of a character, in 2"},
      {"root ::= [z-a]", "column 11: the characters of a range"},
      {"root ::= \"a\"{3,2}", "column 13: a repetition is"},
      {"root ::= \"a\"{x}", "column 13: a repetition is"},
      {"root ::= <think> \"a\"", "column 10: tokens cannot be named"},
      {"root ::= root \"a\" | \"a\"", "the rule \"root\" can begin with itself"},
      {"root ::= a \"x\" | \"y\"\na ::= b? root\nb ::= \"b\"", "can begin with itself"},
      {"root ::= \"a\" root", "matches no text at all"},
      {"root ::= (\"a\"{1000}){1000}", "needs more than 262144 states"},
      {"root ::= \"\xff\"", "there is a byte that is not UTF-8"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(verdict(gbnf(text), ""), testing::HasSubstr(message)) << text;
  }
}

TEST(Gbnf, CallsRulesThatAreThere) {
  Builder builder;
  Characters characters(builder);
  const auto arguments = add_json_schema(builder, characters, "arguments", R"({"type":"integer"})");
  ASSERT_TRUE(arguments);
  const Rule known[] = {*arguments};
  const auto root = add_gbnf(builder, characters, "root ::= \"f(\" arguments \")\"", known);
  ASSERT_TRUE(root);
  const auto program = builder.finish(*root);
  EXPECT_EQ(verdict(program, "f(12)"), "yes");
  EXPECT_EQ(verdict(program, "f(x)"), "no");
}

TEST(Gbnf, RefusesTextsThatCanBeReadInTooManyWays) {
  const auto program = gbnf("root ::= x{0,12}\nx ::= (\"a\" x \"b\"?) | \"a\" y?\ny ::= x \"c\"? x?");
  ASSERT_TRUE(program) << program.error().message();
  Matcher matcher(*program);
  matcher.step(matcher.start(), std::string(200, 'a'));
  EXPECT_TRUE(matcher.overflowed());
}

}  // namespace
}  // namespace chord::grammar
