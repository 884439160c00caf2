// Command-line arguments of one command, read with getopt_long and shown by --help.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chord::cli {

// Exit codes that scripts can use.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;  // the work could not be done
inline constexpr int kUsage = 2;    // the command line is wrong

class Arguments {
 public:
  // usage: "run MODEL [options]"; operands: how many must be there.
  Arguments(std::string usage, std::string description, size_t operand_count)
      : usage_(std::move(usage)), description_(std::move(description)), operand_count_(operand_count) {}

  // The targets keep their values unless the option is given, as --name, or -n where the name is one letter.
  void flag(std::string name, bool& target, std::string help);
  void text(std::string name, std::string placeholder, std::string& target, std::string help);
  void texts(std::string name, std::string placeholder, std::vector<std::string>& target, std::string help);
  void number(std::string name, uint32_t& target, std::string help);
  void number(std::string name, uint64_t& target, std::string help);
  void number(std::string name, float& target, std::string help);
  // One of several words; the index of the one given.
  void choice(std::string name, std::vector<std::string> words, uint32_t& target, std::string help);

  // argv[0] is the command. An exit code if the program should end: after --help, or a mistake (printed).
  std::optional<int> parse(int argc, char** argv);

  const std::vector<std::string>& operands() const { return operands_; }

 private:
  struct Option {
    std::string name;
    std::string placeholder;  // empty: takes no argument
    std::string help;
    std::function<bool(const char*)> set;  // false: the argument is not valid

    std::string dashed() const { return (name.size() == 1 ? "-" : "--") + name; }
  };

  void print_help() const;

  std::string usage_;
  std::string description_;
  size_t operand_count_;
  std::vector<Option> options_;
  std::vector<std::string> operands_;
};

}  // namespace chord::cli
