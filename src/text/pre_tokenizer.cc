#include "text/pre_tokenizer.h"

#include <algorithm>

namespace chord::text {
namespace {

// The expressions are those of llama.cpp (llama-vocab.cpp, unicode.cpp), which the ids must agree with. Where
// it departs from a model's own expression (\p{Lu} and \p{Ll} of tekken and gpt-4o), so does this.

using Char = ClassifiedChar;
using enum CharClass;

bool is_blank(Char c) {
  return c.is(' ');
}
bool is_space(Char c) {
  return c.is_any(space);
}
bool is_letter(Char c) {
  return c.is_any(letter);
}
bool is_number(Char c) {
  return c.is_any(number);
}
bool is_punctuation(Char c) {
  return c.is_any(punctuation);
}
bool is_letter_or_mark(Char c) {
  return c.is_any(letter, mark);
}
bool is_other_visible(Char c) {  // [^\s\p{L}\p{N}]
  return !c.is_any(space, letter, number);
}
bool is_word_prefix(Char c) {  // [^\r\n\p{L}\p{N}]
  return !is_newline(c) && !c.is_any(letter, number);
}
bool is_newline_or_slash(Char c) {
  return is_newline(c) || c.is('/');
}
bool is_ascii_mark(Char c) {  // punctuation or symbol
  return c.code_point() < 0x80 && c.is_any(punctuation, symbol);
}

template <size_t N>
bool in_ranges(Char c, const uint32_t (&ranges)[N][2]) {
  const auto* after =
      std::ranges::upper_bound(ranges, c.code_point(), {}, [](const auto& r) { return r[0]; });
  return after != std::begin(ranges) && c.code_point() <= (*(after - 1))[1];
}

constexpr SplitRule kContraction = {.match = match_contraction};
constexpr SplitRule kAnyCaseContraction = {.match = match_any_case_contraction};
constexpr SplitRule kWord = {.set = is_letter, .prefix = is_word_prefix};  // [^\r\n\p{L}\p{N}]?\p{L}+
constexpr SplitRule kNumbers = {.set = is_number};                         // \p{N}+
constexpr SplitRule kNumber = {.set = is_number, .most = 1};
constexpr SplitRule kUpTo3Numbers = {.set = is_number, .most = 3};
constexpr SplitRule kSpacesToNewline = {.match = match_spaces_to_newline};
constexpr SplitRule kSpaces = {.match = match_spaces};

// gpt-2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
constexpr SplitRule kGpt2[] = {kContraction,
                               {.set = is_letter, .prefix = is_blank},
                               {.set = is_number, .prefix = is_blank},
                               {.set = is_other_visible, .prefix = is_blank},
                               kSpaces};
constexpr SplitStage kGpt2Stages[] = {kGpt2};

constexpr SplitRule kSingleNumbers[] = {kNumber};
constexpr SplitStage kSmollmStages[] = {kSingleNumbers, kGpt2};

// falcon: [\p{P}$+<=>^~|`]+, where the symbols are all those of ASCII; default: the same without the `.
bool is_falcon_mark(Char c) {
  return is_punctuation(c) || is_ascii_mark(c);
}
bool is_default_mark(Char c) {
  return is_falcon_mark(c) && !c.is('`');
}
bool is_ascii_digit(Char c) {
  return c.code_point() >= '0' && c.code_point() <= '9';
}
constexpr SplitRule kFalconMarks[] = {{.set = is_falcon_mark}};
constexpr SplitRule kDefaultMarks[] = {{.set = is_default_mark}};
constexpr SplitRule kAllNumbers[] = {kNumbers};
constexpr SplitRule kThreeDigits[] = {{.set = is_ascii_digit, .least = 3, .most = 3}};
constexpr SplitStage kFalconStages[] = {kFalconMarks, kGpt2, kThreeDigits};
constexpr SplitStage kDefaultStages[] = {kDefaultMarks, kGpt2, kAllNumbers, kThreeDigits};

// llama-bpe:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|
//   \s+(?!\S)|\s+
// qwen2 has \p{N} there, and minicpm5 \p{N}+ after a stage of its own.
constexpr SplitRule kVisible = {.set = is_other_visible, .prefix = is_blank, .tail = is_newline};
constexpr SplitRule kLlamaBpe[] = {kAnyCaseContraction, kWord,  kUpTo3Numbers, kVisible,
                                   kSpacesToNewline,    kSpaces};
constexpr SplitRule kQwen2[] = {kAnyCaseContraction, kWord, kNumber, kVisible, kSpacesToNewline, kSpaces};
constexpr SplitRule kMinicpm5[] = {kAnyCaseContraction, kWord, kNumbers, kVisible, kSpacesToNewline, kSpaces};
constexpr SplitRule kTriplesOfNumbers[] = {kUpTo3Numbers};
constexpr SplitStage kLlamaBpeStages[] = {kLlamaBpe};
constexpr SplitStage kQwen2Stages[] = {kQwen2};
constexpr SplitStage kMinicpm5Stages[] = {kTriplesOfNumbers, kMinicpm5};

// qwen35: qwen2 with [\p{L}\p{M}]+ for \p{L}+, and without marks in the punctuation.
bool is_other_visible_no_mark(Char c) {
  return !c.is_any(space, letter, mark, number);
}
constexpr SplitRule kQwen35[] = {kAnyCaseContraction,
                                 {.set = is_letter_or_mark, .prefix = is_word_prefix},
                                 kNumber,
                                 {.set = is_other_visible_no_mark, .prefix = is_blank, .tail = is_newline},
                                 kSpacesToNewline,
                                 kSpaces};
constexpr SplitStage kQwen35Stages[] = {kQwen35};

// seed-coder: qwen2 with ` ?[^\s\p{L}\p{N}\r\n]+`, which newlines do not follow.
constexpr SplitRule kSeedCoder[] = {
    kAnyCaseContraction, kWord,  kNumber, {.set = is_other_visible, .prefix = is_blank},
    kSpacesToNewline,    kSpaces};
constexpr SplitStage kSeedCoderStages[] = {kSeedCoder};

// tekken: words of one case|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
constexpr SplitRule kVisibleWithSlashes = {
    .set = is_other_visible, .prefix = is_blank, .tail = is_newline_or_slash};
constexpr SplitRule kTekken[] = {
    {.match = match_cased_word}, kNumber, kVisibleWithSlashes, kSpacesToNewline, kSpaces};
constexpr SplitRule kGpt4o[] = {
    {.match = match_cased_word_contraction}, kUpTo3Numbers, kVisibleWithSlashes, kSpacesToNewline, kSpaces};
constexpr SplitStage kTekkenStages[] = {kTekken};
constexpr SplitStage kGpt4oStages[] = {kGpt4o};

// Expressions of DeepSeek's tokenizers. Where one has no classes in it, llama.cpp hides white space beyond
// ASCII from its ranges, and so does this.
bool is_deepseek_cjk(Char c) {  // [一-龥ࠀ-一가-퟿]
  constexpr uint32_t kRanges[][2] = {{0x0800, 0x9FA5}, {0xAC00, 0xD7FF}};
  return !is_space(c) && in_ranges(c, kRanges);
}
bool is_deepseek_v3_cjk(Char c) {  // [一-龥぀-ゟ゠-ヿ]
  constexpr uint32_t kRanges[][2] = {{0x3040, 0x30FF}, {0x4E00, 0x9FA5}};
  return in_ranges(c, kRanges);
}
bool is_deepseek_letter(Char c) {  // letters that have a case, as of the Unicode version of their expression
  constexpr uint32_t kRanges[][2] = {
      {0x41, 0x5A},       {0x61, 0x7A},       {0xB5, 0xB5},       {0xC0, 0xD6},       {0xD8, 0xF6},
      {0xF8, 0x1BA},      {0x1BC, 0x1BF},     {0x1C4, 0x293},     {0x295, 0x2AF},     {0x370, 0x373},
      {0x376, 0x377},     {0x37B, 0x37D},     {0x37F, 0x37F},     {0x386, 0x386},     {0x388, 0x38A},
      {0x38C, 0x38C},     {0x38E, 0x3A1},     {0x3A3, 0x3F5},     {0x3F7, 0x481},     {0x48A, 0x52F},
      {0x531, 0x556},     {0x10A0, 0x10C5},   {0x13A0, 0x13F5},   {0x13F8, 0x13FD},   {0x1C90, 0x1CBA},
      {0x1CBD, 0x1CBF},   {0x1D00, 0x1D2B},   {0x1D6B, 0x1D77},   {0x1D79, 0x1D9A},   {0x1E00, 0x1F15},
      {0x1F18, 0x1F1D},   {0x1F20, 0x1F45},   {0x1F48, 0x1F4D},   {0x1F50, 0x1F57},   {0x1F59, 0x1F59},
      {0x1F5B, 0x1F5B},   {0x1F5D, 0x1F5D},   {0x1F5F, 0x1F7D},   {0x1F80, 0x1FB4},   {0x1FB6, 0x1FBC},
      {0x1FBE, 0x1FBE},   {0x1FC2, 0x1FC4},   {0x1FC6, 0x1FCC},   {0x1FD0, 0x1FD3},   {0x1FD6, 0x1FDB},
      {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FF4},   {0x1FF6, 0x1FFC},   {0x2102, 0x2102},   {0x2107, 0x2107},
      {0x210A, 0x2113},   {0x2115, 0x2115},   {0x2119, 0x211D},   {0x2124, 0x2124},   {0x2126, 0x2126},
      {0x2128, 0x2128},   {0x212A, 0x212D},   {0x212F, 0x2134},   {0x2139, 0x2139},   {0x213C, 0x213F},
      {0x2145, 0x2149},   {0x214E, 0x214E},   {0x2183, 0x2184},   {0x2C00, 0x2C7B},   {0x2C7E, 0x2CE4},
      {0x2CEB, 0x2CEE},   {0x2CF2, 0x2CF3},   {0xA640, 0xA66D},   {0xA680, 0xA69B},   {0xA722, 0xA76F},
      {0xA771, 0xA787},   {0xA78B, 0xA78E},   {0xAB70, 0xABBF},   {0xFB00, 0xFB06},   {0xFB13, 0xFB17},
      {0xFF21, 0xFF3A},   {0xFF41, 0xFF5A},   {0x10400, 0x1044F}, {0x104B0, 0x104D3}, {0x104D8, 0x104FB},
      {0x10C80, 0x10CB2}, {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943},
  };
  return in_ranges(c, kRanges);
}
bool is_deepseek_mark(Char c) {  // [!-/:-~！-／：-～‘-‟　-。], ASCII letters included by :-~
  constexpr uint32_t kRanges[][2] = {{0x21, 0x2F},     {0x3A, 0x7E},     {0x2018, 0x201F},
                                     {0x3001, 0x3002}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF5E}};
  return in_ranges(c, kRanges);
}

constexpr SplitRule kSingleNewlines[] = {{.set = is_newline, .most = 1}};
constexpr SplitRule kDeepseekCjk[] = {{.set = is_deepseek_cjk}};
constexpr SplitRule kDeepseekLetters[] = {{.set = is_deepseek_letter, .prefix = is_space}};
constexpr SplitRule kDeepseekMarks[] = {{.set = is_deepseek_mark, .prefix = is_space}};
constexpr SplitStage kTrailingSpaces = {};
constexpr SplitStage kDeepseekLlmStages[] = {kSingleNewlines, kDeepseekLetters, kDeepseekMarks,
                                             kTrailingSpaces, kDeepseekCjk,     kAllNumbers};

constexpr SplitRule kSpacedLetters[] = {{.set = is_letter, .prefix = is_space}};
constexpr SplitRule kSpacedPunctuation[] = {{.set = is_punctuation, .prefix = is_space}};
constexpr SplitStage kDeepseekCoderStages[] = {kSingleNewlines, kSpacedLetters, kSpacedPunctuation,
                                               kDeepseekCjk, kSingleNumbers};

// deepseek-v3, after numbers and CJK:
//   [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
//   ?[\p{P}\p{S}]+[\r\n]*|
//   \s*[\r\n]+|\s+(?!\S)|\s+
bool is_ascii_letter(Char c) {
  return (c.code_point() | 0x20) >= 'a' && (c.code_point() | 0x20) <= 'z';
}
bool is_deepseek_v3_prefix(Char c) {
  return !is_newline(c) && !c.is_any(letter, punctuation, symbol);
}
bool is_visible_mark(Char c) {
  return c.is_any(punctuation, symbol);
}
uint32_t match_mark_and_letters(Cursor text) {
  if (!is_ascii_mark(text[0])) return 0;
  uint32_t end = 1;
  while (text.has(end) && is_ascii_letter(text[end])) ++end;
  return end == 1 ? 0 : end;
}
constexpr SplitRule kDeepseekV3Cjk[] = {{.set = is_deepseek_v3_cjk}};
constexpr SplitRule kDeepseekV3[] = {{.match = match_mark_and_letters},
                                     {.set = is_letter_or_mark, .prefix = is_deepseek_v3_prefix},
                                     {.set = is_visible_mark, .prefix = is_blank, .tail = is_newline},
                                     kSpacesToNewline,
                                     kSpaces};
constexpr SplitStage kDeepseekV3Stages[] = {kTriplesOfNumbers, kDeepseekV3Cjk, kDeepseekV3};

// bloom: ` ?[^(\s|.,!?…。，、।۔،)]+`; viking goes on with single numbers.
bool is_bloom_word(Char c) {
  constexpr uint32_t kStops[] = {'(',    ')',    '|',    '.',    ',',    '!',   '?',
                                 0x2026, 0x3002, 0xFF0C, 0x3001, 0x0964, 0x6D4, 0x60C};
  return !is_space(c) && std::ranges::find(kStops, c.code_point()) == std::end(kStops);
}
constexpr SplitRule kBloom[] = {{.set = is_bloom_word, .prefix = is_blank}};
constexpr SplitStage kBloomStages[] = {kBloom};
constexpr SplitStage kVikingStages[] = {kBloom, kSingleNumbers};

// gemma4: [^\n]+|[\n]+
bool is_line_feed(Char c) {
  return c.is('\n');
}
bool is_no_line_feed(Char c) {
  return !c.is('\n');
}
constexpr SplitRule kGemma4[] = {{.set = is_no_line_feed}, {.set = is_line_feed}};
constexpr SplitStage kGemma4Stages[] = {kGemma4};

constexpr PreTokenizer kPreTokenizers[] = {
    {"default", kDefaultStages},

    {"gpt-2", kGpt2Stages},
    {"phi-2", kGpt2Stages},
    {"mpt", kGpt2Stages},
    {"olmo", kGpt2Stages},
    {"jais", kGpt2Stages},
    {"trillion", kGpt2Stages},
    {"granite-docling", kGpt2Stages},
    {"gigachat", kGpt2Stages},
    {"a.x-4.0", kGpt2Stages},
    {"mellum", kGpt2Stages},
    {"exaone4", kGpt2Stages},

    {"smollm", kSmollmStages},
    {"starcoder", kSmollmStages},
    {"refact", kSmollmStages},
    {"command-r", kSmollmStages},
    {"codeshell", kSmollmStages},
    {"exaone", kSmollmStages},
    {"minerva-7b", kSmollmStages},

    {"falcon", kFalconStages},

    {"llama-bpe", kLlamaBpeStages, true, true},
    {"llama3", kLlamaBpeStages, true, true},
    {"llama-v3", kLlamaBpeStages, true, true},
    {"falcon3", kLlamaBpeStages, true, true},
    {"falcon-h1", kLlamaBpeStages, true, true},
    {"pixtral", kLlamaBpeStages, true, true},
    {"midm-2.0", kLlamaBpeStages, true, true},
    {"lfm2", kLlamaBpeStages, true, true},
    {"dbrx", kLlamaBpeStages},
    {"smaug-bpe", kLlamaBpeStages},
    {"glm4", kLlamaBpeStages},
    {"chatglm-bpe", kLlamaBpeStages},
    {"minicpm5", kMinicpm5Stages},

    {"qwen2", kQwen2Stages},
    {"deepseek-r1-qwen", kQwen2Stages},
    {"kormo", kQwen2Stages},
    {"f2llmv2", kQwen2Stages},
    {"megrez", kQwen2Stages},
    {"stablelm2", kQwen2Stages},
    {"hunyuan", kQwen2Stages},
    {"solar-open", kQwen2Stages},
    {"grok-2", kQwen2Stages},
    {"bailingmoe", kQwen2Stages},
    {"bailingmoe2", kQwen2Stages},
    {"llada-moe", kQwen2Stages},
    {"qwen35", kQwen35Stages},
    {"seed-coder", kSeedCoderStages},

    {"deepseek-llm", kDeepseekLlmStages},
    {"deepseek-coder", kDeepseekCoderStages},
    {"deepseek-v3", kDeepseekV3Stages},
    {"step35", kDeepseekV3Stages},
    {"hunyuan-dense", kDeepseekV3Stages},
    {"joyai-llm", kDeepseekV3Stages},

    {"tekken", kTekkenStages, true, true},
    {"gpt-4o", kGpt4oStages},
    {"llama4", kGpt4oStages},
    {"kanana2", kGpt4oStages},
    {"minimax-m2", kGpt4oStages},

    {"bloom", kBloomStages},
    {"gpt3-finnish", kBloomStages},
    {"poro-chat", kBloomStages},
    {"viking", kVikingStages},

    {"gemma4", kGemma4Stages, false, true, true},
};

}  // namespace

const PreTokenizer* find_pre_tokenizer(std::string_view name) {
  const auto* found = std::ranges::find(kPreTokenizers, name, &PreTokenizer::name);
  return found == std::end(kPreTokenizers) ? nullptr : found;
}

const PreTokenizer& default_pre_tokenizer() {
  return kPreTokenizers[0];
}

void split_words(const PreTokenizer& pre_tokenizer, std::span<const ClassifiedChar> text,
                 std::vector<uint32_t>& ends, std::vector<uint32_t>& scratch) {
  ends.clear();
  if (text.empty()) return;
  ends.push_back(static_cast<uint32_t>(text.size()));
  for (const SplitStage stage : pre_tokenizer.stages) {
    scratch.clear();
    uint32_t begin = 0;
    for (const uint32_t end : ends) {
      split_piece(stage, text, begin, end, scratch);
      begin = end;
    }
    ends.swap(scratch);
  }
}

}  // namespace chord::text
