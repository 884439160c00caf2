// chord_vocabulary_new_of_model, which belongs to neither module of the package.
#include <string>
#include <vector>

#include "abi/handles.h"
#include "abi/last_error.h"
#include "chord_grammar.h"

extern "C" chord_code chord_vocabulary_new_of_model(const chord_model* model, chord_vocabulary** vocabulary) {
  chord_model_info info{};
  if (const chord_code code = chord_model_get_info(model, &info)) return code;
  std::vector<uint32_t> ends(info.vocab_size);
  std::vector<uint8_t> flags(info.vocab_size);
  const auto read = [&](std::string& texts) {
    size_t length = 0;
    const chord_code code = chord_model_token_texts(model, info.vocab_size, texts.data(), texts.size(),
                                                    ends.data(), flags.data(), &length);
    texts.resize(length);
    return code;
  };
  std::string texts;
  if (const chord_code code = read(texts)) return code;
  if (const chord_code code = read(texts)) return code;
  return chord_vocabulary_new(texts.data(), ends.data(), flags.data(), info.vocab_size, vocabulary);
}
