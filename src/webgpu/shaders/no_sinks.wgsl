fn sink_of(head: u32) -> f32 { return -3.0e38; }
