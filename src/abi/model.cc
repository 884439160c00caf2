// chord_model_*: loading a file and saying what it is.
#include <algorithm>
#include <functional>
#include <new>

#include "abi/gpu.h"
#include "abi/handles.h"
#include "abi/last_error.h"
#include "abi/metadata_text.h"
#include "abi/platform.h"
#include "cpu/device.h"

namespace chord::abi {

Result<const gguf::Header*> loaded_header(const chord_model* model) {
  if (model == nullptr) return fail(ErrorCode::invalid_argument, "the model is NULL");
  if (const gguf::Header* header = model->loader.header()) return header;
  return fail(ErrorCode::invalid_argument,
              "the model's header is not loaded yet; chord_model_want says what to read");
}

Result<const text::Tokenizer*> loaded_tokenizer(const chord_model* model) {
  CHORD_CHECK(loaded_header(model));
  const Result<text::Tokenizer>& tokenizer = *model->tokenizer;
  if (!tokenizer) return std::unexpected(tokenizer.error());
  return &*tokenizer;
}

Result<const model::Model*> loaded_description(const chord_model* model) {
  CHORD_CHECK(loaded_header(model));
  const Result<model::Model>& description = *model->description;
  if (!description) return std::unexpected(description.error());
  return &*description;
}

namespace {

// A tensor that no op reads may stand for something that the model computes and its plan does not.
std::string unused_tensors(const gguf::Header& header, const plan::Plan& plan) {
  const auto is_read = [&plan](const gguf::TensorInfo& tensor) {
    return std::ranges::any_of(plan.weights, [&tensor](const plan::WeightInfo& weight) {
      return weight.offset >= tensor.offset && weight.offset < tensor.offset + tensor.bytes;
    });
  };
  const auto first = std::ranges::find_if_not(header.tensors, is_read);
  if (first == header.tensors.end()) return "";
  const auto others = std::count_if(first + 1, header.tensors.end(), std::not_fn(is_read));
  return concat("tensor ", first->name,
                others > 0 ? concat(" and ", others, " others are") : std::string(" is"),
                " not used by this architecture");
}

// What can be said of the file as soon as its header is complete. Errors of the tokenizer and of the
// architecture wait until something needs them: `chord info` shows also what cannot be run.
void describe_header(chord_model& model) {
  const gguf::Header& header = *model.loader.header();
  model.tokenizer = text::Tokenizer::create(header.metadata);
  if (*model.tokenizer) model.note = std::string((*model.tokenizer)->pre_tokenizer_note());
  model.architecture = model::read_architecture(header.metadata).value_or("");
  model.description = model::describe(header);
  if (const auto& described = *model.description) {
    const std::string unused = unused_tensors(header, described->plan);
    if (!unused.empty()) model.note += concat(model.note.empty() ? "" : "; ", unused);
  }
}

Result<void> supply(chord_model& model, uint64_t length) {
  const bool had_header = model.loader.header() != nullptr;
  CHORD_CHECK(model.loader.supply(length));
  if (!had_header && model.loader.header() != nullptr) describe_header(model);
  return {};
}

Result<void> place(chord_model* model, const chord_place_options* options) {
  CHORD_ASSIGN(const gguf::Header* header, loaded_header(model));
  if (model->device != nullptr) return fail(ErrorCode::invalid_argument, "the model is placed already");
  if (header->tensors.empty()) {
    return fail(ErrorCode::invalid_model,
                "the file holds a vocabulary and no weights: it can tokenize, not generate");
  }
  CHORD_ASSIGN(const model::Model* described, loaded_description(model));
  const char* kernels = options != nullptr && options->kernels != nullptr ? options->kernels : "";
  if (kGpuKernels == kernels) {
    CHORD_ASSIGN(model->device, make_gpu_device(described->plan));
  } else {
    const uint32_t threads = options != nullptr ? options->threads : 0;
    CHORD_ASSIGN(model->data_plane, open_data_plane(kernels, threads));
    CHORD_ASSIGN(model->device, cpu::make_device(described->plan, *model->data_plane, now));
  }
  model->kernels = std::string(model->device->kernels());
  model->loader.place(*model->device);
  return {};
}

uint64_t count_parameters(const gguf::Header& header) {
  uint64_t count = 0;
  for (const gguf::TensorInfo& tensor : header.tensors) count += tensor.columns() * tensor.rows();
  return count;
}

chord_model_info info_of(const chord_model& model, const gguf::Header& header) {
  chord_model_info info{};
  info.tensor_count = static_cast<uint32_t>(header.tensors.size());
  info.parameter_count = count_parameters(header);
  for (const gguf::TensorInfo& tensor : header.tensors) info.weight_bytes += tensor.bytes;
  info.vocab_only = header.tensors.empty() ? 1 : 0;
  info.bos_token = info.eos_token = text::kNoToken;
  if (const auto& tokenizer = *model.tokenizer) {
    info.vocab_size = static_cast<uint32_t>(tokenizer->vocab_size());
    info.bos_token = tokenizer->bos();
    info.eos_token = tokenizer->eos();
    info.add_bos = tokenizer->add_bos() ? 1 : 0;
    info.add_eos = tokenizer->add_eos() ? 1 : 0;
  }
  const auto& described = *model.description;
  if (const auto config = described ? described->config : model::read_config(header)) {
    info.vocab_size = config->vocab_size;
    info.context_length = config->context_length;
    info.embedding_length = config->embedding_length;
    info.block_count = config->block_count;
    info.feed_forward_length = config->feed_forward_length;
    info.head_count = config->head_count;
    info.head_count_kv = config->head_count_kv;
    info.pooling = static_cast<uint32_t>(config->pooling);
    info.encoder = config->causal ? 0 : 1;
  }
  return info;
}

}  // namespace
}  // namespace chord::abi

using namespace chord;
using namespace chord::abi;

extern "C" {

chord_code chord_model_new(uint64_t file_size, chord_model** model) {
  auto* created = new (std::nothrow) chord_model(file_size);
  if (created == nullptr) return report({ErrorCode::out_of_memory, "no memory for a model handle"});
  *model = created;
  return CHORD_OK;
}

void chord_model_free(chord_model* model) {
  delete model;
}

chord_code chord_model_want(chord_model* model, chord_request* request) {
  return deliver(model->loader.want(), request);
}

chord_code chord_model_supply(chord_model* model, uint64_t length) {
  return report(supply(*model, length));
}

chord_code chord_model_place(chord_model* model, const chord_place_options* options) {
  return report(place(model, options));
}

chord_code chord_model_get_info(const chord_model* model, chord_model_info* info) {
  const auto header = loaded_header(model);
  if (!header) return report(header);
  *info = info_of(*model, **header);
  return CHORD_OK;
}

const char* chord_model_architecture(const chord_model* model) {
  return model->architecture.c_str();
}

const char* chord_model_kernels(const chord_model* model) {
  return model->kernels.c_str();
}

uint64_t chord_model_fingerprint(const chord_model* model) {
  return model->loader.fingerprint();
}

uint32_t chord_model_threads(const chord_model* model) {
  return model->data_plane != nullptr ? model->data_plane->thread_count() : 0;
}

const char* chord_model_note(const chord_model* model) {
  return model->note.c_str();
}

size_t chord_model_metadata_count(const chord_model* model) {
  const auto header = loaded_header(model);
  return header ? (*header)->metadata.entries().size() : 0;
}

const char* chord_model_metadata_key(const chord_model* model, size_t index) {
  const auto header = loaded_header(model);
  if (!header || index >= (*header)->metadata.entries().size()) return nullptr;
  return (*header)->metadata.entries()[index].key.c_str();
}

const char* chord_model_metadata(chord_model* model, const char* key, size_t* length) {
  const auto header = loaded_header(model);
  const gguf::Value* value = header ? (*header)->metadata.find(key) : nullptr;
  if (value == nullptr) return nullptr;
  model->value_text = to_text(*value);
  *length = model->value_text.size();
  return model->value_text.c_str();
}

chord_code chord_model_get_tensor(const chord_model* model, size_t index, chord_tensor* tensor) {
  const auto header = loaded_header(model);
  if (!header) return report(header);
  const auto& tensors = (*header)->tensors;
  if (index >= tensors.size()) {
    return report(
        {ErrorCode::invalid_argument, concat("tensor ", index, " of a file with ", tensors.size())});
  }
  const gguf::TensorInfo& found = tensors[index];
  *tensor = {found.name.c_str(),
             quant::traits(found.type).name.data(),
             {},
             found.offset,
             found.bytes,
             found.dimension_count,
             0};
  std::ranges::copy(found.dims, tensor->dims);
  return CHORD_OK;
}

}  // extern "C"
