// A model from a file of the operating system, through the C ABI.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arguments.h"
#include "chord.h"

namespace chord::cli {

struct FreeModel {
  void operator()(chord_model* model) const { chord_model_free(model); }
};
struct FreeSession {
  void operator()(chord_session* session) const { chord_session_free(session); }
};
using ModelHandle = std::unique_ptr<chord_model, FreeModel>;
using SessionHandle = std::unique_ptr<chord_session, FreeSession>;

// Prints "chord: <code>: <message>" for the last error of the ABI; returns kFailure.
int print_error(chord_code code);
int print_error(const std::string& message);

// What runs a model.
struct PlaceOptions {
  std::string kernels;   // a variant, or ""
  uint32_t threads = 0;  // 0: one for each physical core

  // --kernels and --threads
  void add_to(Arguments& arguments);
};

class ModelFile {
 public:
  // Reads the header. Of a split model, path is that of the first file. Nothing after an error, which is
  // printed.
  static std::optional<ModelFile> open(const std::string& path);

  // Reads the weights, with progress on stderr if that is a terminal.
  bool place(const PlaceOptions& options);

  chord_model* get() const { return model_.get(); }
  const std::string& path() const { return path_; }
  chord_model_info info() const;
  // The integer <architecture>.<name> of the metadata, or 0.
  uint64_t number_of(const std::string& name) const;

  // Nothing after an error, which is printed.
  std::optional<std::vector<int32_t>> tokenize(const std::string& text, uint32_t flags) const;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool open_file(uint32_t number);
  bool load(uint64_t weight_bytes);
  bool skip_to(uint64_t offset);

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  uint32_t number_ = 0;    // which one of a split model that is
  uint64_t position_ = 0;  // of the next byte that fread gives
  ModelHandle model_;
};

// The whole of a file; nothing after an error, which is printed.
std::optional<std::string> read_file(const std::string& path);

}  // namespace chord::cli
