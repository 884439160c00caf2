#include "grammar/formats.h"

#include <string>

#include "grammar/regex.h"

namespace chord::grammar {
namespace {

// Days that months have, and leap years (RFC 3339).
constexpr std::string_view kDate =
    R"((\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8])))"
    R"(|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29))";
constexpr std::string_view kTime =
    R"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))";
// RFC 3339, appendix A.
constexpr std::string_view kDayDuration = R"((\d{1,9}Y(\d{1,9}M(\d{1,9}D)?)?|\d{1,9}M(\d{1,9}D)?|\d{1,9}D))";
constexpr std::string_view kTimeDuration =
    R"(T(\d{1,9}H(\d{1,9}M(\d{1,9}S)?)?|\d{1,9}M(\d{1,9}S)?|\d{1,9}S))";
constexpr std::string_view kIpv4 =
    R"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3})";
constexpr std::string_view kAtom = R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)";
constexpr std::string_view kPathCharacter = R"(([A-Za-z0-9._~!$&'()*+,;=:@\-]|%[0-9A-Fa-f]{2}))";
constexpr std::string_view kQueryCharacter = R"(([A-Za-z0-9._~!$&'()*+,;=:@/?\-]|%[0-9A-Fa-f]{2}))";
constexpr std::string_view kHostCharacter = R"(([A-Za-z0-9._~!$&'()*+,;=\-]|%[0-9A-Fa-f]{2}))";
constexpr std::string_view kUserCharacter = R"(([A-Za-z0-9._~!$&'()*+,;=:\-]|%[0-9A-Fa-f]{2}))";
constexpr std::string_view kPointer = R"((/([^/~]|~[01])*)*)";

// `count` parts of a host's name, at most `letters` long each.
std::string host(uint32_t letters, std::string_view count) {
  const std::string label = concat(R"([A-Za-z0-9]([A-Za-z0-9\-]{0,)", letters - 2, R"(}[A-Za-z0-9])?)");
  return concat(label, R"((\.)", label, ")", count);
}

// At most 253 letters in all: three parts of 63, or five of 49.
std::string any_host() {
  return concat("(", host(63, "{0,2}"), "|", host(49, "{3,4}"), ")");
}

// The nine forms of RFC 3986, section 3.2.2.
std::string ipv6() {
  constexpr std::string_view kGroup = "[0-9A-Fa-f]{1,4}";
  const std::string colon_group = concat("(", kGroup, ":)");
  const std::string last = concat("(", kGroup, ":", kGroup, "|", kIpv4, ")");
  std::string all = concat(colon_group, "{6}", last);
  for (uint32_t before = 0; before <= 5; ++before) {
    const std::string head =
        before == 0 ? "" : concat("(", colon_group, "{0,", before - 1, "}", kGroup, ")?");
    all += concat("|", head, "::", colon_group, "{", 5 - before, "}", last);
  }
  all += concat("|(", colon_group, "{0,5}", kGroup, ")?::", kGroup);
  all += concat("|(", colon_group, "{0,6}", kGroup, ")?::");
  return concat("(", all, ")");
}

std::string uri() {
  const std::string authority =
      concat("//(", kUserCharacter, "*@)?", kHostCharacter, R"(*(:\d*)?(/)", kPathCharacter, "*)*");
  const std::string rooted = concat("/(", kPathCharacter, "+(/", kPathCharacter, "*)*)?");
  const std::string rootless = concat(kPathCharacter, "+(/", kPathCharacter, "*)*");
  return concat(R"([A-Za-z][A-Za-z0-9+.\-]*:()", authority, "|", rooted, "|", rootless, R"()?(\?)",
                kQueryCharacter, "*)?(#", kQueryCharacter, "*)?");
}

// The pattern, or "".
std::string pattern_of(std::string_view format) {
  if (format == "date") return std::string(kDate);
  if (format == "time") return std::string(kTime);
  if (format == "date-time") return concat(kDate, "[Tt]", kTime);
  if (format == "duration")
    return concat("P(", kDayDuration, "(", kTimeDuration, ")?|", kTimeDuration, R"(|\d{1,9}W))");
  if (format == "uuid") return "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
  if (format == "ipv4") return std::string(kIpv4);
  if (format == "ipv6") return ipv6();
  if (format == "hostname") return any_host();
  if (format == "email") return concat(kAtom, R"((\.)", kAtom, ")*@", any_host());
  if (format == "uri") return uri();
  if (format == "json-pointer") return std::string(kPointer);
  if (format == "relative-json-pointer") return concat(R"((0|[1-9]\d{0,9})(#|)", kPointer, ")");
  return "";
}

}  // namespace

Result<std::optional<Dfa>> texts_of_format(std::string_view format) {
  const std::string pattern = pattern_of(format);
  if (pattern.empty()) return std::nullopt;
  CHORD_ASSIGN(Dfa dfa, compile_regex(concat("^(", pattern, ")$")));
  if (format != "hostname" && format != "email") return std::move(dfa);
  // Hyphens in the third and fourth place are kept for encodings of other alphabets (RFC 5891).
  CHORD_ASSIGN(const Dfa encoded, compile_regex(R"((^|[.@])[^.@]{2}--[^@]*$)"));
  CHORD_ASSIGN(dfa, intersection(dfa, encoded, true));
  return std::move(dfa);
}

std::string_view format_names() {
  return "date, time, date-time, duration, uuid, ipv4, ipv6, hostname, email, uri, json-pointer, "
         "relative-json-pointer";
}

}  // namespace chord::grammar
