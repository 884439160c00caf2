#include "gguf/reader.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/heap_sort.h"
#include "gguf/limits.h"
#include "gguf/prologue.h"
#include "gguf/utf8.h"
#include "gguf/value_bytes.h"

namespace chord::gguf {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kTypeBytes = 4;
constexpr uint64_t kArrayHeadBytes = kTypeBytes + kLengthBytes;
constexpr uint64_t kMinEntryBytes = kLengthBytes + 1 + kTypeBytes + 1;
constexpr uint64_t kMinTensorBytes = kLengthBytes + 1 + 4 + 8 + kTypeBytes + 8;

// The least that one value of a type takes in the file.
uint64_t min_size(ValueType type) {
  if (type == ValueType::string) return kLengthBytes;
  if (type == ValueType::array) return kArrayHeadBytes;
  return fixed_size(type);
}

// A name that occurs twice, if there is one. Sorts: a hash table's worst case could be provoked by the file.
std::optional<std::string_view> find_duplicate(std::vector<std::string_view> names) {
  heap_sort(names);
  const auto found = std::ranges::adjacent_find(names);
  if (found == names.end()) return std::nullopt;
  return *found;
}

}  // namespace

// The header is a sequence of fields, each of a length that is known when it begins. State collects the bytes
// of one field, hands them to the field's handler, and the handler says what comes next. So a piece may end
// anywhere, every byte is looked at once, and what is held grows only with bytes that came.
struct Reader::State {
  enum class Field : uint8_t {
    prologue,
    key_length,
    key,
    value_type,
    scalar,
    string_length,
    string,
    array_head,
    elements,
    name_length,
    name,
    dimension_count,
    tensor_body,
    done,
  };

  // An array of strings or arrays that is being read; an array within it lies above it on the stack.
  struct OpenArray {
    ValueType element;
    uint64_t remaining;  // elements still to come
    StringArray strings;
    std::vector<Value> arrays;
  };

  explicit State(std::optional<uint64_t> size) : file_size(size) {}

  Result<void> feed(std::string_view bytes);
  Result<void> handle(std::string_view bytes);

  // Goes on with a field of so many bytes, if the file and the limit have room for them.
  Result<void> expect(Field next, uint64_t bytes);
  Result<void> check_room(uint64_t count, uint64_t bytes_each, std::string_view what) const;

  Result<void> on_prologue(std::string_view bytes);
  // Of a key or a tensor; `next` is the field that follows.
  Result<void> on_name_length(Field next, uint64_t length, uint64_t limit);
  Result<void> on_name(Field next, std::string_view bytes, std::string& name);

  Result<void> begin_entry();
  Result<void> begin_value(ValueType type);
  Result<void> check_bools(std::string_view bytes) const;
  Result<void> on_scalar(std::string_view bytes);
  Result<void> on_string(std::string_view bytes);
  Result<void> on_array_head(std::string_view bytes);
  Result<void> on_elements(std::string_view bytes);
  Result<void> go_on_in_arrays();
  Result<void> add_value(Value added);
  Result<void> end_metadata();

  Result<void> begin_tensor();
  Result<void> on_dimension_count(uint32_t count);
  Result<void> on_tensor_body(std::string_view bytes);
  Result<void> end_tensors();
  Result<void> check_ranges() const;

  // What is being read, for messages: "metadata entry 3 of 20 ("general.name")".
  std::string where() const;
  // An error whose message says so, and goes on.
  Error here(ErrorCode code) const;
  template <class... Parts>
  [[gnu::always_inline]] std::unexpected<Error> broken(const Parts&... parts) const {
    return fail(here(ErrorCode::invalid_gguf), parts...);
  }
  std::unexpected<Error> broken_type(ValueType unknown) const;

  std::optional<uint64_t> file_size;
  std::optional<Error> error;

  Field field = Field::prologue;
  uint64_t field_offset = 0;  // of the field's first byte
  uint64_t field_bytes = kPrologueBytes;
  std::string collected;  // the part of the field that came in earlier pieces

  uint64_t entry_count = 0;
  uint64_t tensor_count = 0;
  uint64_t nested_arrays = 0;
  std::vector<Entry> entries;
  std::string key;
  ValueType type = ValueType::u8;  // of the scalar, or of the elements of fixed size, being read
  std::vector<OpenArray> open_arrays;
  TensorInfo tensor = {};
  Header header = {};
};

std::string Reader::State::where() const {
  if (field == Field::prologue) return "the file's first bytes";
  if (field < Field::name_length) {
    return concat("metadata entry ", entries.size() + 1, " of ", entry_count,
                  field > Field::key ? concat(" (", quoted(key), ")") : std::string());
  }
  return concat("tensor ", header.tensors.size() + 1, " of ", tensor_count,
                field > Field::name ? concat(" (", quoted(tensor.name), ")") : std::string());
}

Error Reader::State::here(ErrorCode code) const {
  return fail(code, where(), ", at byte ", field_offset, ": ").error();
}

Result<void> Reader::State::feed(std::string_view bytes) {
  while (field != Field::done && (!bytes.empty() || field_bytes == 0)) {
    const auto taken = static_cast<size_t>(std::min<uint64_t>(field_bytes - collected.size(), bytes.size()));
    std::string_view whole = bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (taken < field_bytes) {
      collected += whole;
      if (collected.size() < field_bytes) break;
      whole = collected;
    }
    CHORD_CHECK(handle(whole));
    collected.clear();
  }
  return {};
}

Result<void> Reader::State::handle(std::string_view bytes) {
  switch (field) {
    case Field::prologue:
      return on_prologue(bytes);
    case Field::key_length:
      return on_name_length(Field::key, load<uint64_t>(bytes.data()), kMaxKeyBytes);
    case Field::key:
      return on_name(Field::value_type, bytes, key);
    case Field::value_type:
      return begin_value(load<ValueType>(bytes.data()));
    case Field::scalar:
      return on_scalar(bytes);
    case Field::string_length:
      return expect(Field::string, load<uint64_t>(bytes.data()));
    case Field::string:
      return on_string(bytes);
    case Field::array_head:
      return on_array_head(bytes);
    case Field::elements:
      return on_elements(bytes);
    case Field::name_length:
      return on_name_length(Field::name, load<uint64_t>(bytes.data()), kMaxTensorNameBytes);
    case Field::name:
      return on_name(Field::dimension_count, bytes, tensor.name);
    case Field::dimension_count:
      return on_dimension_count(load<uint32_t>(bytes.data()));
    case Field::tensor_body:
      return on_tensor_body(bytes);
    case Field::done:
      break;
  }
  return {};
}

Result<void> Reader::State::expect(Field next, uint64_t bytes) {
  field = next;
  field_offset += std::exchange(field_bytes, 0);
  CHORD_CHECK(check_room(bytes, 1, "bytes"));
  field_bytes = bytes;
  return {};
}

// What follows begins at the end of the current field, which is complete.
Result<void> Reader::State::check_room(uint64_t count, uint64_t bytes_each, std::string_view what) const {
  const uint64_t begin = field_offset + field_bytes;
  const uint64_t limit = std::min(file_size.value_or(kMaxHeaderBytes), kMaxHeaderBytes);
  const uint64_t room = limit - std::min(begin, limit);
  if (count <= room / bytes_each) return {};
  const std::string each = bytes_each > 1 ? concat(" of at least ", bytes_each, " bytes") : std::string();
  if (limit == file_size) {
    return broken(count, " ", what, each, " follow, but the file has only ", room,
                  " more bytes; it is cut off or damaged");
  }
  return broken(count, " ", what, each, " follow, which would make the header longer than the limit of ",
                kMaxHeaderBytes, " bytes");
}

Result<void> Reader::State::on_prologue(std::string_view bytes) {
  CHORD_CHECK(check_magic(bytes));
  CHORD_ASSIGN(header.version, read_version(bytes));
  tensor_count = load<uint64_t>(bytes.data() + 8);
  entry_count = load<uint64_t>(bytes.data() + 16);
  if (tensor_count > kMaxTensors) {
    return broken("the file declares ", tensor_count, " tensors; the limit is ", kMaxTensors);
  }
  if (entry_count > kMaxEntries) {
    return broken("the file declares ", entry_count, " metadata entries; the limit is ", kMaxEntries);
  }
  CHORD_CHECK(check_room(entry_count, kMinEntryBytes, "metadata entries"));
  CHORD_CHECK(check_room(tensor_count, kMinTensorBytes, "tensors"));
  return begin_entry();
}

Result<void> Reader::State::begin_entry() {
  if (entries.size() == entry_count) return end_metadata();
  return expect(Field::key_length, kLengthBytes);
}

Result<void> Reader::State::on_name_length(Field next, uint64_t length, uint64_t limit) {
  if (length == 0 || length > limit) {
    return broken("a name of ", length, " bytes; 1 to ", limit, " are allowed");
  }
  return expect(next, length);
}

Result<void> Reader::State::on_name(Field next, std::string_view bytes, std::string& name) {
  if (!is_utf8(bytes)) return broken("the name ", quoted(bytes), " is not valid UTF-8");
  name = bytes;
  return expect(next, 4);
}

std::unexpected<Error> Reader::State::broken_type(ValueType unknown) const {
  return broken("value type ", static_cast<uint32_t>(unknown), " does not exist; 0 to 12 do");
}

Result<void> Reader::State::begin_value(ValueType value_type) {
  type = value_type;
  if (type == ValueType::string) return expect(Field::string_length, kLengthBytes);
  if (type == ValueType::array) return expect(Field::array_head, kArrayHeadBytes);
  if (fixed_size(type) > 0) return expect(Field::scalar, fixed_size(type));
  return broken_type(type);
}

Result<void> Reader::State::check_bools(std::string_view bytes) const {
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte > 1) return broken("a bool is ", byte, "; it must be 0 or 1");
  }
  return {};
}

Result<void> Reader::State::on_scalar(std::string_view bytes) {
  if (type == ValueType::boolean) CHORD_CHECK(check_bools(bytes));
  return add_value(make_scalar(type, bytes));
}

// A string is a value of its own, or an element of the innermost array. Its bytes are not checked: token
// strings of published vocabularies are cut within code points.
Result<void> Reader::State::on_string(std::string_view bytes) {
  if (open_arrays.empty()) return add_value(Value{std::string(bytes)});
  OpenArray& innermost = open_arrays.back();
  innermost.strings.push_back(bytes);
  --innermost.remaining;
  return go_on_in_arrays();
}

Result<void> Reader::State::on_array_head(std::string_view bytes) {
  const auto element = load<ValueType>(bytes.data());
  const auto count = load<uint64_t>(bytes.data() + kTypeBytes);
  if (min_size(element) == 0) return broken_type(element);
  if (open_arrays.size() == kMaxArrayDepth) {
    return broken("arrays are nested more than ", kMaxArrayDepth, " deep");
  }
  if (!open_arrays.empty() && ++nested_arrays > kMaxNestedArrays) {
    return broken("the file has more than ", kMaxNestedArrays, " arrays within arrays");
  }
  CHORD_CHECK(check_room(count, min_size(element), "array elements"));
  if (fixed_size(element) > 0) {
    type = element;
    return expect(Field::elements, count * fixed_size(element));
  }
  open_arrays.push_back({element, count, {}, {}});
  return go_on_in_arrays();
}

Result<void> Reader::State::on_elements(std::string_view bytes) {
  if (type == ValueType::boolean) CHORD_CHECK(check_bools(bytes));
  const auto raw = std::as_bytes(std::span(bytes));
  return add_value(Value{Array(type, std::vector(raw.begin(), raw.end()))});
}

// Asks for the next element of the innermost array, or closes it if it is complete.
Result<void> Reader::State::go_on_in_arrays() {
  OpenArray& innermost = open_arrays.back();
  const bool of_strings = innermost.element == ValueType::string;
  if (innermost.remaining > 0) {
    return of_strings ? expect(Field::string_length, kLengthBytes)
                      : expect(Field::array_head, kArrayHeadBytes);
  }
  Value complete{of_strings ? Array(std::move(innermost.strings)) : Array(std::move(innermost.arrays))};
  open_arrays.pop_back();
  return add_value(std::move(complete));
}

Result<void> Reader::State::add_value(Value added) {
  if (open_arrays.empty()) {
    entries.push_back({std::move(key), std::move(added)});
    return begin_entry();
  }
  OpenArray& innermost = open_arrays.back();
  innermost.arrays.push_back(std::move(added));
  --innermost.remaining;
  return go_on_in_arrays();
}

Result<void> Reader::State::end_metadata() {
  std::vector<std::string_view> keys(entries.size());
  std::ranges::transform(entries, keys.begin(), &Entry::key);
  if (const auto twice = find_duplicate(std::move(keys))) {
    return fail(ErrorCode::invalid_gguf, "metadata key ", quoted(*twice), " occurs more than once");
  }
  header.metadata = Metadata(std::move(entries));
  CHORD_ASSIGN(header.alignment, header.metadata.alignment());
  return begin_tensor();
}

Result<void> Reader::State::begin_tensor() {
  if (header.tensors.size() == tensor_count) return end_tensors();
  return expect(Field::name_length, kLengthBytes);
}

Result<void> Reader::State::on_dimension_count(uint32_t count) {
  if (count == 0 || count > kMaxDimensions) {
    return broken(count, " dimensions; 1 to ", kMaxDimensions, " are allowed");
  }
  tensor.dimension_count = count;
  return expect(Field::tensor_body, uint64_t{count} * 8 + kTypeBytes + 8);
}

// The dimensions, the type, and the offset within the data section.
Result<void> Reader::State::on_tensor_body(std::string_view bytes) {
  const char* next = bytes.data();
  tensor.dims.fill(1);
  for (uint32_t i = 0; i < tensor.dimension_count; ++i, next += 8) tensor.dims[i] = load<uint64_t>(next);
  const auto type_number = load<uint32_t>(next);
  tensor.offset = load<uint64_t>(next + kTypeBytes);

  const Result<quant::Type> known_type = find_type(type_number);
  if (!known_type) return fail(here(known_type.error().code()), known_type.error().message());
  tensor.type = *known_type;
  const Result<uint64_t> size = data_bytes(tensor);
  if (!size) return fail(here(size.error().code()), size.error().message());
  tensor.bytes = *size;
  if (tensor.offset % header.alignment != 0) {
    return broken("its offset ", tensor.offset, " is not a multiple of the alignment ", header.alignment);
  }
  if (tensor.offset > kMaxFileBytes - tensor.bytes) {
    return broken("its ", tensor.bytes, " bytes at offset ", tensor.offset, " end past the ", kMaxFileBytes,
                  " bytes that a file can have");
  }
  header.tensors.push_back(std::move(tensor));
  return begin_tensor();
}

Result<void> Reader::State::end_tensors() {
  CHORD_CHECK(check_distinct(header.tensors));
  const uint64_t header_end = field_offset + field_bytes;
  header.data_offset = round_up(header_end, header.alignment);
  for (TensorInfo& each : header.tensors) each.offset += header.data_offset;
  CHORD_CHECK(check_ranges());
  field_offset = header_end;
  field_bytes = 0;
  field = Field::done;
  return {};
}

Result<void> Reader::State::check_ranges() const {
  std::vector<const TensorInfo*> by_offset(header.tensors.size());
  for (size_t i = 0; i < by_offset.size(); ++i) by_offset[i] = &header.tensors[i];
  heap_sort(by_offset, &TensorInfo::offset);
  const TensorInfo* previous = nullptr;
  for (const TensorInfo* each : by_offset) {
    if (previous != nullptr && each->offset - previous->offset < previous->bytes) {
      return fail(ErrorCode::invalid_gguf, "tensors ", quoted(previous->name), " (", previous->bytes,
                  " bytes at ", previous->offset, ") and ", quoted(each->name), " (", each->bytes,
                  " bytes at ", each->offset, ") overlap");
    }
    if (file_size && each->offset + each->bytes > *file_size) {
      return fail(ErrorCode::invalid_gguf, "tensor ", quoted(each->name), " has ", each->bytes, " bytes at ",
                  each->offset, ", but the file ends at ", *file_size, "; it is cut off or damaged");
    }
    previous = each;
  }
  return {};
}

Result<void> check_distinct(std::span<const TensorInfo> tensors) {
  std::vector<std::string_view> names(tensors.size());
  std::ranges::transform(tensors, names.begin(), &TensorInfo::name);
  if (const auto twice = find_duplicate(std::move(names))) {
    return fail(ErrorCode::invalid_gguf, "tensor name ", quoted(*twice), " occurs more than once");
  }
  return {};
}

const TensorInfo* Header::find_tensor(std::string_view name) const {
  const auto found = std::ranges::find(tensors, name, &TensorInfo::name);
  return found == tensors.end() ? nullptr : &*found;
}

Reader::Reader(std::optional<uint64_t> file_size) : state_(std::make_unique<State>(file_size)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<void> Reader::feed(std::span<const std::byte> bytes) {
  if (state_->error) return std::unexpected(*state_->error);
  auto result = state_->feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!result) state_->error = result.error();
  return result;
}

Result<void> Reader::finish() const {
  if (state_->error) return std::unexpected(*state_->error);
  if (done()) return {};
  if (consumed() == 0) return fail(ErrorCode::invalid_gguf, "the file is empty");
  if (state_->field == State::Field::prologue) CHORD_CHECK(check_magic(state_->collected));
  return fail(ErrorCode::invalid_gguf, "the file ends after ", consumed(), " bytes, in ", state_->where(),
              "; it is cut off");
}

bool Reader::done() const {
  return state_->field == State::Field::done && !state_->error;
}

uint64_t Reader::consumed() const {
  return state_->field_offset + state_->collected.size();
}

Header Reader::take() && {
  return std::move(state_->header);
}

Result<Header> read(std::span<const std::byte> file) {
  Reader reader(file.size());
  CHORD_CHECK(reader.feed(file));
  CHORD_CHECK(reader.finish());
  return std::move(reader).take();
}

Result<Header> read(const Source& source) {
  constexpr uint64_t kPieceBytes = 256 << 10;
  const uint64_t size = source.size();
  Reader reader(size);
  std::vector<std::byte> piece(static_cast<size_t>(std::min(size, kPieceBytes)));
  for (uint64_t offset = 0; offset < size && !reader.done(); offset += piece.size()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(piece.size(), size - offset)));
    CHORD_CHECK(source.read(offset, piece));
    CHORD_CHECK(reader.feed(piece));
  }
  CHORD_CHECK(reader.finish());
  return std::move(reader).take();
}

}  // namespace chord::gguf
