var<workgroup> entries: array<vec2<u32>, ENTRIES>;  // of order and token

// Makes one list of the two in the halves of every `size` entries (K. E. Batcher, Sorting networks, 1968).
fn merge(size: u32, thread: u32) {
  for (var apart = size / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    for (var n = thread; n < ENTRIES / 2u; n += 256u) {
      let low = n & (apart - 1u);
      let first = 2u * n - low;
      let second = select(first + apart, first + 2u * (apart - low) - 1u, apart == size / 2u);
      let a = entries[first];
      let b = entries[second];
      if (is_before(b, a)) {
        entries[first] = b;
        entries[second] = a;
      }
    }
  }
  workgroupBarrier();
}
