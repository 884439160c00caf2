// Four elements of a key or a value, of those that a Four holds.
fn key_at(cell: u32, i: u32) -> vec4<f32> { return unpack4(keys[cell * (KEY_LENGTH / 4u) + i]); }
fn value_at(cell: u32, i: u32) -> vec4<f32> { return unpack4(values[cell * (VALUE_LENGTH / 4u) + i]); }
