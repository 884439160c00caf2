#include "model_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "arguments.h"

namespace chord::cli {
namespace {

// Where one data plane and one control plane share the memory, an address is a pointer.
void* pointer(uint64_t address) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(address));
}

// The path of another file of a split model than the first: "-00001-of-00003.gguf" has the number at its end.
std::optional<std::string> split_path(const std::string& first, uint32_t number) {
  constexpr std::string_view kFirst = "-00001-of-";
  const size_t at = first.rfind(kFirst);
  if (at == std::string::npos) return std::nullopt;
  char digits[6];
  std::snprintf(digits, sizeof digits, "%05u", std::min(number, 99998u) + 1);
  return std::string(first).replace(at + 1, 5, digits);
}

}  // namespace

int print_error(chord_code code) {
  std::fprintf(stderr, "chord: %s: %s\n", chord_code_name(code), chord_error_message());
  return kFailure;
}

int print_error(const std::string& message) {
  std::fprintf(stderr, "chord: %s\n", message.c_str());
  return kFailure;
}

std::optional<ModelFile> ModelFile::open(const std::string& path) {
  ModelFile model;
  model.path_ = path;
  if (!model.open_file(0)) return std::nullopt;
  struct stat status{};
  const bool has_size = fstat(fileno(model.file_.get()), &status) == 0 && S_ISREG(status.st_mode);
  const uint64_t size = has_size ? static_cast<uint64_t>(status.st_size) : CHORD_SIZE_UNKNOWN;
  chord_model* created = nullptr;
  if (const chord_code code = chord_model_new(size, &created)) {
    print_error(code);
    return std::nullopt;
  }
  model.model_.reset(created);
  if (!model.load(0)) return std::nullopt;
  return model;
}

void PlaceOptions::add_to(Arguments& arguments) {
  arguments.text("kernels", "NAME", kernels, "force a kernel variant");
  arguments.number("threads", threads, "that compute (one for each physical core)");
}

bool ModelFile::place(const PlaceOptions& options) {
  const chord_place_options to = {options.kernels.empty() ? nullptr : options.kernels.c_str(),
                                  options.threads, 0};
  if (const chord_code code = chord_model_place(model_.get(), &to)) {
    print_error(code);
    return false;
  }
  return load(info().weight_bytes);
}

bool ModelFile::open_file(uint32_t number) {
  const std::optional<std::string> path = number == 0 ? path_ : split_path(path_, number);
  if (!path) {
    return print_error("the model is split over several files, and the name of " + path_ +
                       " has no -00001-of- to find the others by") == kSuccess;
  }
  file_.reset(std::fopen(path->c_str(), "rb"));
  number_ = number;
  position_ = 0;
  return file_ != nullptr || print_error("cannot open " + *path + ": " + std::strerror(errno)) == kSuccess;
}

// Answers the model's requests until it has none.
bool ModelFile::load(uint64_t weight_bytes) {
  const bool shows_progress = weight_bytes > (64u << 20) && isatty(STDERR_FILENO) != 0;
  uint64_t done = 0;
  while (true) {
    chord_request request{};
    if (const chord_code code = chord_model_want(model_.get(), &request))
      return print_error(code) == kSuccess;
    if (request.length == 0) break;
    if (request.file != number_ && !open_file(request.file)) return false;
    if (!skip_to(request.offset)) return print_error("cannot read " + path_ + " to its end") == kSuccess;
    const size_t got =
        std::fread(pointer(request.address), 1, static_cast<size_t>(request.length), file_.get());
    if (got < request.length && std::ferror(file_.get()) != 0) {
      return print_error("cannot read " + path_ + ": " + std::strerror(errno)) == kSuccess;
    }
    position_ += got;
    if (const chord_code code = chord_model_supply(model_.get(), got)) return print_error(code) == kSuccess;
    done += got;
    if (shows_progress) {
      std::fprintf(stderr, "\rloading %s: %3d %%", path_.c_str(),
                   static_cast<int>(100 * done / weight_bytes));
    }
  }
  if (shows_progress) std::fprintf(stderr, "\r\x1b[K");
  return true;
}

// Requests ascend, so what cannot seek (a pipe) is read on instead.
bool ModelFile::skip_to(uint64_t offset) {
  if (offset != position_ && fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) == 0)
    position_ = offset;
  char skipped[4096];
  while (position_ < offset) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(sizeof skipped, offset - position_));
    const size_t got = std::fread(skipped, 1, wanted, file_.get());
    if (got == 0) return false;
    position_ += got;
  }
  return true;
}

chord_model_info ModelFile::info() const {
  chord_model_info info{};
  chord_model_get_info(model_.get(), &info);
  return info;
}

uint64_t ModelFile::number_of(const std::string& name) const {
  const std::string key = std::string(chord_model_architecture(model_.get())) + "." + name;
  size_t length = 0;
  const char* value = chord_model_metadata(model_.get(), key.c_str(), &length);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : 0;
}

std::optional<std::vector<int32_t>> ModelFile::tokenize(const std::string& text, uint32_t flags) const {
  std::vector<int32_t> tokens(text.size() + 2);  // never more than one a byte, and BOS and a space
  size_t count = 0;
  if (const chord_code code = chord_tokenize(model_.get(), text.data(), text.size(), flags, tokens.data(),
                                             tokens.size(), &count)) {
    print_error(code);
    return std::nullopt;
  }
  if (count > tokens.size()) {
    tokens.resize(count);
    chord_tokenize(model_.get(), text.data(), text.size(), flags, tokens.data(), tokens.size(), &count);
  }
  tokens.resize(count);
  return tokens;
}

std::optional<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    print_error("cannot open " + path + ": " + std::strerror(errno));
    return std::nullopt;
  }
  std::string content;
  char piece[65536];
  size_t got = sizeof piece;
  while (got == sizeof piece) {
    got = std::fread(piece, 1, sizeof piece, file);
    content.append(piece, got);
  }
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) {
    print_error("cannot read " + path);
    return std::nullopt;
  }
  return content;
}

}  // namespace chord::cli
