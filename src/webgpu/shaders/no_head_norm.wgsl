fn normalize(thread: u32, lane: u32, lanes: u32) { workgroupBarrier(); }
