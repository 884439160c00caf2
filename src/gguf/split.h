// A model split over several files, as llama.cpp's gguf-split writes them: each is a GGUF file of its own,
// whose header has split.no (from 0) and split.count; the first has all other metadata, and perhaps no
// tensors.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "gguf/reader.h"

namespace chord::gguf {

// One header of the headers of all files. The offsets of its tensors count as if the files lay one after the
// other, each as long as its last tensor says; a file that is not split is a model of one file.
class Split {
 public:
  // The next file's header, from the first on. invalid_gguf if it is not the one that belongs there.
  Result<void> add(Header header);

  // Whether all files are there.
  bool complete() const { return !bases_.empty() && bases_.size() == count_; }
  const Header& header() const { return whole_; }

  struct Place {
    uint32_t file;    // from 0
    uint64_t offset;  // from its start
  };
  // Where a byte is that header() gives an offset of.
  Place locate(uint64_t offset) const;

 private:
  Result<void> check_number(const Metadata& metadata);
  Result<void> check_whole() const;

  Header whole_{};
  uint64_t count_ = 0;           // of files
  std::vector<uint64_t> bases_;  // the offset of each file's first byte
  uint64_t end_ = 0;
};

}  // namespace chord::gguf
