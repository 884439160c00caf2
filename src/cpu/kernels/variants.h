// The kernel variants linked into this program. A wasm module of the package holds one variant and no table.
#pragma once

#include "cpu/kernels/command.h"

namespace chord::cpu::kernels {

struct Variant {
  const char* name;
  Run run;
  Work work;            // none: it runs on one thread
  bool (*supported)();  // by the processor that this runs on
};

struct VariantList {
  const Variant* first;
  const Variant* last;
  const Variant* begin() const { return first; }
  const Variant* end() const { return last; }
};

// In the order of preference. The last one is "scalar", which every processor supports.
VariantList variants();

}  // namespace chord::cpu::kernels
