#include "bench_report.h"

#include <algorithm>
#include <cstdio>

#include "bench_json.h"

namespace chord::cli {
namespace {

void write_spread(const char* name, const Spread& spread, JsonWriter& json) {
  json.key(name);
  json.begin_object();
  json.key("median");
  json.value(spread.median);
  json.key("min");
  json.value(spread.least);
  json.key("max");
  json.value(spread.most);
  json.end_object();
}

template <class... Values>
[[gnu::format(printf, 1, 0)]] std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string cell(const Spread& spread) {
  const std::string range = formatted("(%.1f to %.1f)", spread.least, spread.most);
  return formatted("%9.1f %-20s", spread.median, range.c_str());
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

std::optional<double> BenchReport::bandwidth_share(const PromptSpeeds& at) const {
  if (!bandwidth) return std::nullopt;
  return at.decode.median * static_cast<double>(decode_bytes) / *bandwidth;
}

std::string to_json(const BenchReport& report) {
  JsonWriter json;
  const auto write = [&json](const char* name, const auto& value) {
    json.key(name);
    json.value(value);
  };
  json.begin_object();
  write("engine", report.engine);
  write("kernels", report.kernels);
  write("threads", report.threads);
  write("model", report.model);
  write("file", report.file);
  write("weight_bytes", report.weight_bytes);
  write("decode_bytes", report.decode_bytes);
  write("load_ms", report.load_ms);
  write("peak_bytes", report.peak_bytes);
  write("bandwidth", report.bandwidth);
  write("kv_type", report.kv_type);
  write("kv_bytes", report.kv_bytes);
  write("generated_tokens", report.generated_tokens);
  write("runs", report.runs);
  json.key("speeds");
  json.begin_array();
  for (const PromptSpeeds& speeds : report.speeds) {
    json.begin_object();
    write("prompt_tokens", speeds.prompt_tokens);
    write_spread("prefill", speeds.prefill, json);
    write_spread("decode", speeds.decode, json);
    write("bandwidth_share", report.bandwidth_share(speeds));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.text() + "\n";
}

std::string to_table(const BenchReport& report) {
  const std::string threads = std::to_string(report.threads) + (report.threads == 1 ? " thread" : " threads");
  std::string out = "engine     " + report.engine + ", kernels " + report.kernels + ", " + threads + "\n";
  out += "model      " + (report.model.empty() ? "" : report.model + ", ") + report.file +
         formatted(", %.1f MB\n", static_cast<double>(report.weight_bytes) * 1e-6);
  out += formatted("load       %.0f ms\n", report.load_ms);
  if (report.peak_bytes)
    out += formatted("memory     %.1f MB at most\n", static_cast<double>(*report.peak_bytes) * 1e-6);
  if (report.bandwidth)
    out += formatted("bandwidth  %.2f GB/s, read by %s\n", *report.bandwidth * 1e-9, threads.c_str());
  out += formatted("runs       %u, of %u tokens generated, with %s keys and values\n\n", report.runs,
                   report.generated_tokens, report.kv_type.c_str());
  out += formatted("%6s  %9s %-20s  %9s %-20s  %s\n", "prompt", "prefill", "tok/s", "decode", "tok/s",
                   report.bandwidth ? "of the bandwidth" : "");
  for (const PromptSpeeds& speeds : report.speeds) {
    const auto share = report.bandwidth_share(speeds);
    out += formatted("%6u  ", speeds.prompt_tokens) + cell(speeds.prefill) + "  " + cell(speeds.decode);
    out += share ? formatted("  %.0f %%\n", *share * 100) : "\n";
  }
  return out;
}

}  // namespace chord::cli
