// What a benchmark of a model found, and the two forms in which every benchmark of this project prints it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chord::cli {

// Of several runs.
struct Spread {
  double median, least, most;
};

// `values` is not empty.
Spread spread_of(std::vector<double> values);

struct PromptSpeeds {
  uint32_t prompt_tokens;
  Spread prefill;  // tokens a second
  Spread decode;   // tokens a second, after a prompt of that length
};

struct BenchReport {
  std::string engine;   // "chord 0.1.0"
  std::string kernels;  // the kernel variant
  uint32_t threads;

  std::string model;  // general.name, or ""
  std::string file;   // without its folders
  uint64_t weight_bytes;
  uint64_t decode_bytes;  // of weights that the decoding of a token reads

  double load_ms;
  std::optional<uint64_t> peak_bytes;  // memory of the process, where the system tells
  std::optional<double> bandwidth;     // bytes a second that as many threads read; nothing: not known

  std::string kv_type;
  uint64_t kv_bytes;
  uint32_t generated_tokens;
  uint32_t runs;
  std::vector<PromptSpeeds> speeds;

  // The part of the bandwidth that decoding takes up. Keys and values are not counted, nor what caches save.
  std::optional<double> bandwidth_share(const PromptSpeeds& at) const;
};

// Names as above, in one object, which scripts/bench/report.mjs checks; a spread is {"median", "min", "max"}.
// A unit other than tokens, bytes and their like is in the name. null: not known.
std::string to_json(const BenchReport& report);

std::string to_table(const BenchReport& report);

}  // namespace chord::cli
