// What a generated text has to follow: a grammar or a JSON schema from a file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "arguments.h"
#include "chord_grammar.h"
#include "model_file.h"

namespace chord::cli {

struct ConstraintOptions {
  std::string grammar;  // paths, or ""
  std::string json_schema;

  // --grammar and --json-schema
  void add_to(Arguments& arguments);
  bool is_set() const { return !grammar.empty() || !json_schema.empty(); }
};

struct FreeConstraint {
  void operator()(chord_constraint* constraint) const { chord_constraint_free(constraint); }
};
using ConstraintHandle = std::unique_ptr<chord_constraint, FreeConstraint>;

// Nothing after an error, which is printed.
std::optional<ConstraintHandle> open_constraint(const ConstraintOptions& options, const ModelFile& model);

}  // namespace chord::cli
