// After a greedy step: keeps what it found, and makes its token the next step's.
@group(0) @binding(0) var<storage, read> mailbox: array<u32>;        // of one row, as candidates.wgsl writes it
@group(0) @binding(1) var<storage, read_write> state: array<u32>;   // the step's parameters; [1] counts steps
@group(0) @binding(2) var<storage, read_write> found: array<u32>;   // [steps, 6]

@compute @workgroup_size(1)
fn main() {
  for (var i = 0u; i < 6u; i++) { found[state[1] * 6u + i] = mailbox[i]; }
  state[0] += 1u;
  state[1] += 1u;
  state[TOKENS_AT] = mailbox[4];
}
