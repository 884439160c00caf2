#include "arguments.h"

#include <getopt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace chord::cli {
namespace {

template <class T>
bool parse_whole(const char* text, T& target) {
  if (*text < '0' || *text > '9') return false;
  char* end = nullptr;
  const unsigned long long value = std::strtoull(text, &end, 10);
  if (*end != '\0' || value > static_cast<T>(-1)) return false;
  target = static_cast<T>(value);
  return true;
}

}  // namespace

void Arguments::flag(std::string name, bool& target, std::string help) {
  options_.push_back(
      {std::move(name), "", std::move(help), [&target](const char*) { return target = true; }});
}

void Arguments::text(std::string name, std::string placeholder, std::string& target, std::string help) {
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), [&target](const char* value) {
                        target = value;
                        return true;
                      }});
}

void Arguments::texts(std::string name, std::string placeholder, std::vector<std::string>& target,
                      std::string help) {
  options_.push_back({std::move(name), std::move(placeholder), std::move(help), [&target](const char* value) {
                        target.emplace_back(value);
                        return true;
                      }});
}

void Arguments::number(std::string name, uint32_t& target, std::string help) {
  options_.push_back({std::move(name), "N", std::move(help),
                      [&target](const char* value) { return parse_whole(value, target); }});
}

void Arguments::number(std::string name, uint64_t& target, std::string help) {
  options_.push_back({std::move(name), "N", std::move(help),
                      [&target](const char* value) { return parse_whole(value, target); }});
}

void Arguments::number(std::string name, float& target, std::string help) {
  options_.push_back({std::move(name), "X", std::move(help), [&target](const char* value) {
                        char* end = nullptr;
                        target = std::strtof(value, &end);
                        return end != value && *end == '\0';
                      }});
}

void Arguments::choice(std::string name, std::vector<std::string> words, uint32_t& target, std::string help) {
  std::string placeholder;
  for (const std::string& word : words) placeholder += (placeholder.empty() ? "" : "|") + word;
  options_.push_back({std::move(name), std::move(placeholder), std::move(help),
                      [&target, words = std::move(words)](const char* value) {
                        const auto found = std::ranges::find(words, value);
                        target = static_cast<uint32_t>(found - words.begin());
                        return found != words.end();
                      }});
}

std::optional<int> Arguments::parse(int argc, char** argv) {
  constexpr int kHelp = 1;
  constexpr int kFirstOption = 2;
  std::vector<option> table = {{"help", no_argument, nullptr, kHelp}};
  std::string letters;
  for (size_t i = 0; i < options_.size(); ++i) {
    const int argument = options_[i].placeholder.empty() ? no_argument : required_argument;
    table.push_back({options_[i].name.c_str(), argument, nullptr, kFirstOption + static_cast<int>(i)});
    if (options_[i].name.size() == 1) letters += options_[i].name + (argument == no_argument ? "" : ":");
  }
  table.push_back({});

  int code = 0;
  while ((code = getopt_long(argc, argv, letters.c_str(), table.data(), nullptr)) != -1) {
    if (code == kHelp) {
      print_help();
      return kSuccess;
    }
    if (code == '?') return kUsage;  // getopt_long has said what is wrong
    const auto letter = std::ranges::find(options_, std::string(1, static_cast<char>(code)), &Option::name);
    const Option& chosen =
        letter != options_.end() ? *letter : options_[static_cast<size_t>(code - kFirstOption)];
    if (!chosen.set(optarg)) {
      std::fprintf(stderr, "chord: %s cannot be '%s'; it takes %s\n", chosen.dashed().c_str(), optarg,
                   chosen.placeholder.c_str());
      return kUsage;
    }
  }
  operands_.assign(argv + optind, argv + argc);
  if (operands_.size() != operand_count_) {
    std::fprintf(stderr, "usage: chord %s\n", usage_.c_str());
    return kUsage;
  }
  return std::nullopt;
}

void Arguments::print_help() const {
  std::printf("usage: chord %s\n\n%s\n", usage_.c_str(), description_.c_str());
  if (!options_.empty()) std::printf("\n");
  for (const Option& each : options_) {
    const std::string left = each.dashed() + (each.placeholder.empty() ? "" : " " + each.placeholder);
    std::printf("  %-28s %s\n", left.c_str(), each.help.c_str());
  }
}

}  // namespace chord::cli
