// What the opaque handles of chord.h stand for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "abi/loader.h"
#include "chord.h"
#include "cpu/data_plane.h"
#include "model/architecture.h"
#include "plan/device.h"
#include "session/session.h"
#include "text/tokenizer.h"

struct chord_model {
  explicit chord_model(uint64_t file_size) : loader(file_size) {}

  chord::abi::Loader loader;
  // These are set when the header is complete. A file without a usable tokenizer can still be evaluated on
  // token ids, and one that cannot be run can be looked into.
  std::optional<chord::Result<chord::text::Tokenizer>> tokenizer;
  std::optional<chord::Result<chord::model::Model>> description;
  std::string architecture;
  std::string note;
  std::string value_text;  // of the last chord_model_metadata

  // Set by chord_model_place, in the order in which they need each other.
  std::unique_ptr<chord::cpu::DataPlane> data_plane;
  std::unique_ptr<chord::plan::Device> device;
  std::string kernels;
};

struct chord_session {
  chord_model* model;
  chord::session::Session session;
};

namespace chord::abi {

// The header, or an error (invalid_argument) if it is not loaded yet.
Result<const gguf::Header*> loaded_header(const chord_model* model);
Result<const text::Tokenizer*> loaded_tokenizer(const chord_model* model);
Result<const model::Model*> loaded_description(const chord_model* model);

// invalid_argument for NULL.
Result<void> check(const chord_session* session);

}  // namespace chord::abi
