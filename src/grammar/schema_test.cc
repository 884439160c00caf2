#include "grammar/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grammar/test_grammar.h"

namespace chord::grammar {
namespace {

struct SchemaCase {
  std::string_view schema;
  std::vector<std::string_view> valid;
  std::vector<std::string_view> invalid;
};

void check(const std::vector<SchemaCase>& cases) {
  for (const SchemaCase& c : cases) {
    const auto program = schema(c.schema);
    ASSERT_TRUE(program) << c.schema << ": " << program.error().message();
    for (const std::string_view text : c.valid)
      EXPECT_EQ(verdict(program, text), "yes") << c.schema << " " << text;
    for (const std::string_view text : c.invalid)
      EXPECT_NE(verdict(program, text), "yes") << c.schema << " " << text;
  }
}

TEST(Schema, TypesAndValues) {
  check({
      {R"({})",
       {"null", "[1,{\"a\":[]}]", "\"\"", "-0.5e+3", "{}", " {\"a\": 1}"},
       {"", "01", "{", "[1,]", "tru", "\n1", "  1", "1 "}},
      {"true", {"1"}, {"x"}},
      {R"({"type":"null"})", {"null"}, {"0", "\"null\""}},
      {R"({"type":["boolean","integer"]})", {"true", "-12", "0"}, {"1.0", "null", "-"}},
      {R"({"type":"object"})", {"{}", "{\"a\":1,\"b\":{}}", "{\n  \"a\": 1\n}"}, {"[]", "{\"a\"}", "{,}"}},
      {R"({"enum":["red","a\"b",1.0,null,{"k":[1,2]}]})",
       {"\"red\"", "\"a\\\"b\"", "1", "null", "{\"k\":[1,2]}", "{ \"k\": [1, 2]}"},
       {"\"re\"", "2", "{\"k\":[1]}"}},
      {R"({"const":"caf\u00e9"})", {"\"café\""}, {"\"cafe\""}},
      {R"({"type":"string","enum":["a",1,"bc"],"minLength":2})", {"\"bc\""}, {"\"a\"", "1"}},
      {R"({"type":"string","nullable":true})", {"null", "\"\""}, {"1"}},
  });
}

TEST(Schema, Strings) {
  check({
      {R"({"type":"string"})",
       {"\"\"", "\"é😀\"", R"("\n\u00e9\"\\\/")", R"("\ud83d\ude00")", "\"\x7f\""},
       {"\"", "\"\n\"", R"("\x")", R"("\ud83d")", R"("\ude00")", "\"\xff\"", "\"\xed\xa0\x80\""}},
      {R"({"type":"string","minLength":2,"maxLength":3})",
       {"\"ab\"", "\"é😀\"", R"("\n\\\u0001")"},
       {"\"a\"", "\"abcd\"", "\"\""}},
      {R"({"pattern":"^[a-c]+\\d{2}$"})", {"\"abc12\"", "1", "null"}, {"\"ab1\"", "\"12\"", "\"xab12\""}},
      {R"({"type":"string","pattern":"b"})", {"\"b\"", "\"abc\"", "\"\\nb\""}, {"\"\"", "\"ac\""}},
      {R"({"type":"string","pattern":"^a|b$"})", {"\"ax\"", "\"xb\"", "\"ab\""}, {"\"xax\"", "\"bx\""}},
      {R"({"type":"string","pattern":"^\\S*$","maxLength":2})", {"\"\"", "\"ab\""}, {"\"a b\"", "\"abc\""}},
      {R"({"type":"string","pattern":"^[^\\x00-\\x20]$"})", {"\"\\\"\"", "\"a\""}, {"\" \"", "\"\\n\""}},
      {R"({"type":"string","format":"date"})",
       {"\"2024-02-29\"", "\"2023-12-31\"", "\"2000-02-29\""},
       {"\"2023-02-29\"", "\"1900-02-29\"", "\"2023-04-31\"", "\"2023-13-01\""}},
      {R"({"type":"string","format":"date-time"})",
       {"\"2024-02-29T23:59:59.5Z\"", "\"2024-02-29T00:00:00+01:30\""},
       {"\"2024-02-29T24:00:00Z\"", "\"2024-02-29 00:00:00Z\"", "\"2024-02-29T00:00:00\""}},
      {R"({"type":"string","format":"uuid"})", {"\"123e4567-e89b-12d3-a456-426614174000\""}, {"\"123\""}},
      {R"({"type":"string","format":"email"})", {"\"a.b@example.co\""}, {"\"a@\"", "\"@b\"", "\"a b@c\""}},
      {R"({"type":"string","format":"ipv4"})",
       {"\"255.0.10.199\""},
       {"\"256.0.0.1\"", "\"1.2.3\"", "\"01.2.3.4\""}},
      {R"({"type":"string","format":"ipv6"})",
       {"\"::\"", "\"::1\"", "\"1::\"", "\"1:2:3:4:5:6:7:8\"", "\"fe80::1:2\"", "\"::ffff:1.2.3.4\"",
        "\"1:2:3:4:5:6:7::\""},
       {"\"1:2:3:4:5:6:7\"", "\"1::2::3\"", "\":::\"", "\"12345::\""}},
      {R"({"type":"string","format":"hostname"})",
       {"\"a-b.example.com\""},
       {"\"-a.b\"", "\"a..b\"", "\"xn--a\""}},
      {R"({"type":"string","format":"uri"})",
       {"\"https://a.b/c?d=e#f\"", "\"urn:x:y\""},
       {"\"//a\"", "\"a b:c\""}},
      {R"({"type":"string","format":"duration"})",
       {"\"P4DT12H30M5S\"", "\"P1W\""},
       {"\"P\"", "\"PT\"", "\"P1WT1H\""}},
  });
}

TEST(Schema, Numbers) {
  check({
      {R"({"type":"integer","minimum":5,"maximum":120})",
       {"5", "9", "42", "120", "100"},
       {"4", "121", "-5", "05", "1200"}},
      {R"({"type":"integer","minimum":-12,"exclusiveMaximum":3})",
       {"-12", "-9", "0", "-0", "2"},
       {"-13", "3", "-120", "20"}},
      {R"({"type":"number","minimum":-0.5,"maximum":1.25})",
       {"-0.5", "-0.49", "0", "1", "1.25", "1.250", "1.2"},
       {"-0.51", "1.26", "1.251", "2", "-1", "1.", "1e0"}},
      {R"({"type":"number","exclusiveMinimum":0})", {"0.1", "0.001", "7", "1000"}, {"0", "0.0", "-1", "-0"}},
      {R"({"type":"number","minimum":1e3})", {"1000", "1000.0", "20000"}, {"999.9", "100"}},
      {R"({"maximum":3})", {"3", "-100", "\"x\"", "[]"}, {"3.01", "4"}},
      {R"({"type":"integer","multipleOf":7})", {"0", "7", "-14", "700"}, {"8", "71", "-1"}},
      {R"({"type":"number","multipleOf":0.25})",
       {"0.5", "1.75", "3", "-0.25", "0.50"},
       {"0.3", "0.125", "1.1"}},
      {R"({"type":"integer","multipleOf":5,"minimum":11,"maximum":20})", {"15", "20"}, {"10", "12", "25"}},
      {R"({"type":"number"})", {"1e10", "-1.5E-3", "0"}, {"1e", ".5", "+1", "00"}},
  });
}

TEST(Schema, Arrays) {
  check({
      {R"({"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3})",
       {"[1]", "[1,2,3]", "[1, 2]"},
       {"[]", "[1,2,3,4]", "[\"a\"]", "[1,]"}},
      {R"({"prefixItems":[{"type":"string"},{"type":"null"}],"items":false,"type":"array"})",
       {"[]", "[\"a\"]", "[\"a\",null]"},
       {"[null]", "[\"a\",null,1]"}},
      {R"({"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"},"minItems":2})",
       {"[\"a\",1]", "[\"a\",1,2,3]"},
       {"[\"a\"]", "[1,1]", "[\"a\",\"b\"]"}},
      {R"({"type":"array","items":[{"type":"null"}],"additionalItems":{"type":"boolean"}})",
       {"[null,true]", "[]"},
       {"[true]", "[null,null]"}},
      {R"({"type":"array","maxItems":0})", {"[]"}, {"[1]"}},
  });
}

TEST(Schema, Objects) {
  check({
      {R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["b"],
           "additionalProperties":false})",
       {R"({"b":null})", R"({"a":1,"b":null})", R"({"a": 1, "b": null})"},
       {R"({})", R"({"a":1})", R"({"b":null,"a":1})", R"({"b":null,"c":1})", R"({"b":null,})",
        R"({"a":1"b":null})"}},
      {R"({"type":"object","properties":{"a":{"type":"integer"}}})",
       {R"({"x":"y","z":[]})", R"({"a":1,"x":2})", R"({"aa":"x"})"},
       {R"({"a":"x"})", R"({"x":1,"a":"x"})", R"({"\u0061":"x"})"}},
      {R"({"type":"object","additionalProperties":{"type":"integer"},"maxProperties":2,"minProperties":1})",
       {R"({"x":1})", R"({"x":1,"y":2})"},
       {R"({})", R"({"x":1,"y":2,"z":3})", R"({"x":"1"})"}},
      {R"({"type":"object","patternProperties":{"^n":{"type":"integer"},"s$":{"minimum":5}},
           "additionalProperties":false})",
       {R"({"n":1,"ns":7,"xs":"any"})"},
       {R"({"n":"1"})", R"({"ns":3})", R"({"q":1})", R"({"xs":4})"}},
      {R"({"type":"object","properties":{"name":{}},"propertyNames":{"maxLength":4,"pattern":"^[a-z]"}})",
       {R"({"name":1,"abcd":2})"},
       {R"({"abcde":1})", R"({"A":1})"}},
      {R"({"type":"object","propertyNames":{"enum":["a","b"]}})", {R"({"b":1})", "{}"}, {R"({"c":1})"}},
      {R"({"required":["q"]})", {R"({"q":1})", "1", R"({"q":1,"a":2})"}, {"{}", R"({"a":2})"}},
      {R"({"type":"object","properties":{"a":{},"b":{},"c":{}},"additionalProperties":false,"minProperties":2,
           "maxProperties":2})",
       {R"({"a":1,"b":1})", R"({"b":1,"c":1})"},
       {R"({"a":1})", R"({"a":1,"b":1,"c":1})"}},
      {R"({"type":"object","properties":{"a":false,"b":{}},"additionalProperties":false})",
       {"{}", R"({"b":1})"},
       {R"({"a":1})"}},
      {R"({"type":"object","properties":{"q\"\n":{"const":1}},"required":["q\"\n"]})",
       {R"({"q\"\n":1})"},
       {R"({"q":1})"}},
  });
}

TEST(Schema, Combinations) {
  check({
      {R"({"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]})",
       {"1", "\"a\""},
       {"\"ab\"", "null"}},
      {R"({"oneOf":[{"const":1,"title":"one"},{"const":2}]})", {"1", "2"}, {"3"}},
      {R"({"type":"object","required":["kind"],
           "oneOf":[{"properties":{"kind":{"const":"a"},"x":{"type":"integer"}}},
                    {"properties":{"kind":{"const":"b"},"y":{"type":"integer"}}}],"additionalProperties":true})",
       {R"({"kind":"a","x":1})", R"({"kind":"b","y":2})", R"({"kind":"b","x":"free"})"},
       {R"({"kind":"a","x":"s"})", R"({"kind":"c"})", "{}"}},
      {R"({"allOf":[{"type":"object","properties":{"a":{"minimum":3}},"required":["a"]},
                    {"properties":{"a":{"type":"integer","maximum":5}}}]})",
       {R"({"a":3})", R"({"a":5})"},
       {R"({"a":6})", R"({"a":2})", R"({"a":3.5})"}},
      {R"({"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]})",
       {R"({"a":1})", R"({"b":1})", R"({"a":1,"b":1})"},
       {"{}"}},
      {R"({"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},
           "children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["value"],
           "additionalProperties":false}}})",
       {R"({"value":1})", R"({"value":1,"children":[{"value":2,"children":[]},{"value":3}]})"},
       {R"({"value":1,"children":[{}]})"}},
      {R"({"type":["object","null"],"properties":{"next":{"$ref":"#"}},"additionalProperties":false})",
       {"null", R"({"next":{"next":null}})"},
       {R"({"next":1})"}},
      {R"({"$defs":{"listed":{"enum":[{"$anchor":"x","type":"null"}]},"enum":{"$anchor":"x","type":"string"}},
           "$ref":"#x"})",
       {"\"\""},
       {"null"}},
      {R"({"$defs":{"a~b":{"$anchor":"here","type":"null"}},"anyOf":[{"$ref":"#/$defs/a~0b"},{"$ref":"#here"}]})",
       {"null"},
       {"1"}},
      {R"({"allOf":[{"$ref":"#/$defs/a"}],"anyOf":[{"$ref":"#/$defs/a"},{"type":"null"}],
           "$defs":{"a":{"anyOf":[{"const":1},{"type":"null"}]}}})",
       {"null", "1"},
       {"2"}},
  });
}

TEST(Schema, ArraysThatContain) {
  check({
      {R"({"type":"array","contains":{"const":7}})",
       {"[7]", "[1, 7]", "[7,7,7]", "[7,[7],\"a\"]"},
       {"[]", "[1]", "[[7]]", "[7", "[77]"}},
      {R"({"type":"array","items":{"type":"integer"},"contains":{"minimum":5},"minItems":2,"maxItems":3})",
       {"[5,1]", "[1,9]", "[1,2,6]", "[6,6,6]"},
       {"[5]", "[1,2]", "[1,2,3]", "[1,2,3,6]", "[6,\"a\"]"}},
      {R"({"type":"array","prefixItems":[{"type":"null"},{"enum":[1,2]}],"contains":{"const":2}})",
       {"[null,2]", "[null,1,2]", "[null,2,3]"},
       {"[null]", "[null,1]", "[2]", "[null,1,3]"}},
      {R"({"contains":true})", {"[1]", "3", "{}"}, {"[]"}},
      {R"({"type":["array","null"],"contains":false})", {"null"}, {"[]", "[1]"}},
  });
}

TEST(Schema, ArraysOfDifferentValues) {
  check({
      {R"({"type":"array","items":{"enum":["red","green","blue"]},"uniqueItems":true})",
       {"[]", "[\"red\"]", "[\"blue\", \"red\"]", "[\"green\",\"blue\",\"red\"]"},
       {"[\"red\",\"red\"]", "[\"red\",\"green\",\"red\"]", "[\"black\"]", "[\"red\",]"}},
      {R"({"type":"array","items":{"anyOf":[{"enum":[1,1.0,[2]]},{"const":[2]},{"const":null}]},
           "uniqueItems":true,"minItems":1,"maxItems":2})",
       {"[1]", "[[2],1]", "[null,[2]]"},
       {"[]", "[1,1]", "[[2],[2]]", "[1,[2],null]"}},
      {R"({"type":"array","items":{"enum":["a"]},"uniqueItems":true,"minItems":1})", {"[\"a\"]"}, {"[]"}},
      {R"({"type":"array","uniqueItems":true,"maxItems":1})", {"[]", "[{}]"}, {"[1,2]"}},
      {R"({"type":"array","uniqueItems":false})", {"[1,1]"}, {"["}},
      {R"({"type":"string","uniqueItems":true})", {"\"\""}, {"[]"}},
  });
}

TEST(Schema, WhatIsNot) {
  check({
      {R"({"not":{"type":["object","array"]}})", {"1", "1.5", "\"\"", "true", "null"}, {"{}", "[]", "[1]"}},
      {R"({"not":{"type":"integer","title":"whole"}})",
       {"1.5", "-0.25", "10.050", "\"1\"", "[1]"},
       {"1", "0", "-3", "1.0", "20.00"}},
      {R"({"type":"number","not":{"type":"integer"},"maximum":2})", {"1.5", "-3.1"}, {"1", "2.5", "2"}},
      {R"({"type":["string","null","boolean"],"not":{"enum":["a","b\u00e9",null,true,[]],"type":["string","null","boolean"]}})",
       {"\"\"", "\"ab\"", "\"b\"", "false"},
       {"\"a\"", "\"bé\"", "\"b\\u00e9\"", "null", "true"}},
      {R"({"type":"string","pattern":"^[a-c]$","not":{"const":"b"}})",
       {"\"a\"", "\"c\""},
       {"\"b\"", "\"d\""}},
      {R"({"type":"number","not":{"enum":[1,2.50]}})",
       {"0", "2", "2.51", "-1", "10", "12"},
       {"1", "1.0", "2.5", "2.500"}},
      {R"({"type":"integer","not":{"const":7}})", {"6", "77", "-7"}, {"7"}},
      {R"({"enum":[1,2,"a",true,null],"not":{"enum":[2,true]}})", {"1", "\"a\"", "null"}, {"2", "true"}},
      {R"({"enum":["red","green","blue"],"allOf":[{"not":{"const":"red"}},{"not":{"const":"blue"}}]})",
       {"\"green\""},
       {"\"red\"", "\"blue\""}},
      {R"({"type":"object","properties":{"a":{"not":{}},"b":true},"additionalProperties":false})",
       {"{}", "{\"b\":1}"},
       {"{\"a\":1}"}},
      {R"({"not":false})", {"1", "{}"}, {""}},
      {R"({"type":"object","propertyNames":{"not":{"const":"id"}}})", {"{}", "{\"i\":1}"}, {"{\"id\":1}"}},
  });
  EXPECT_EQ(verdict(schema(R"({"oneOf":[{"const":1},{"not":{"const":1}}]})"), "2"), "yes");
}

TEST(Schema, TakesManyValuesAndProperties) {
  std::string values;
  std::string properties;
  for (uint32_t i = 0; i < 20'000; ++i) values += concat(i == 0 ? "" : ",", "\"value ", i, "\"");
  for (uint32_t i = 0; i < 500; ++i)
    properties += concat(i == 0 ? "" : ",", "\"p", i, "\":{\"type\":\"null\"}");
  const auto listed = schema(concat("{\"enum\":[", values, "]}"));
  EXPECT_EQ(verdict(listed, "\"value 19999\""), "yes");
  EXPECT_EQ(verdict(listed, "\"value 20000\""), "no");
  const auto object = schema(concat("{\"type\":\"object\",\"properties\":{", properties, "}}"));
  EXPECT_EQ(verdict(object, "{\"p3\":null,\"p499\":null,\"q\":1}"), "yes");
  EXPECT_EQ(verdict(object, "{\"p4\":null,\"p3\":null}"), "no");
}

TEST(Schema, RefusesWhatItCannotEnforce) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {R"({"properties":{"a":{"not":{"minimum":1}}}})",
       "at \"/properties/a/not\": \"not\" can be enforced of a type"},
      {R"({"not":{"const":[1]}})", "at \"/not/const\": \"not\" can be enforced"},
      {R"({"not":{"type":"strin"}})", "at \"/not/type\": \"strin\" is not a type"},
      {R"({"not":{"if":{}}})", "at \"/not/if\""},
      {R"({"not":{}})", "matches no text at all"},
      {R"({"uniqueItems":true})", "at \"/uniqueItems\": \"uniqueItems\" can be enforced of elements that"},
      {R"({"items":{"enum":[1,2,3,4,5,6,7,8,9]},"uniqueItems":true})", "at most 8 values"},
      {R"({"items":{"enum":[1]},"contains":{},"uniqueItems":true})", "at \"/uniqueItems\""},
      {R"({"prefixItems":[{}],"uniqueItems":true})", "at \"/uniqueItems\""},
      {R"({"allOf":[{"contains":{"const":1}},{"contains":{"const":2}}]})",
       "at \"/allOf/1/contains\": \"contains\" can be enforced once"},
      {R"({"enum":[[1,1]],"uniqueItems":true})", "an array in a list of values cannot be checked"},
      {R"({"type":"array","contains":{},"minContains":2})", "at \"/minContains\""},
      {R"({"oneOf":[{"type":"integer"},{"minimum":2}]})",
       "at \"/oneOf\": its schemas 0 and 1 have values in common"},
      {R"({"type":"string","format":"idn-email"})", "at \"/format\": the format \"idn-email\""},
      {R"~({"type":"string","pattern":"(?=a)"})~", "at \"/pattern\": looking ahead or behind"},
      {R"~({"type":"string","pattern":"("})~", "at \"/pattern\": a \"(\" is not closed, at byte 1"},
      {R"({"type":"strin"})", "at \"/type\": \"strin\" is not a type"},
      {R"({"minLength":-1})", "at \"/minLength\": it must be a whole number"},
      {R"({"$ref":"other.json"})", "at \"/$ref\": \"other.json\" is nowhere in this schema"},
      {R"({"type":"object","minProperties":2})",
       "\"minProperties\" of 2 cannot be enforced where names are free"},
      {R"({"type":"integer","minimum":3,"maximum":2})", "matches no text at all"},
      {R"(false)", "matches no text at all"},
      {R"({"type":)", "a value is missing, at byte 8"},
      {R"({"a":1,"a":2})", "a name is used twice in an object, at byte 10"},
      {R"({"type":"array","minItems":1000000000})", "needs more than"},
      {R"({"type":"string","minLength":1000000})", "needs an automaton of more than 32768 states"},
      {R"({"anyOf":[{"$ref":"#"},{"type":"null"}]})", "at \"\": it is one of its own alternatives"},
      {R"([1])", "a schema is an object, true or false"},
      {R"({"items":{"dependentRequired":{}}})", "at \"/items/dependentRequired\""},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(verdict(schema(text), ""), testing::HasSubstr(message)) << text;
  }
}

}  // namespace
}  // namespace chord::grammar
