// The parameters of a step, as src/webgpu/step_data.h lays them out.
@group(0) @binding(7) var<storage, read> step: array<u32>;

fn first_position() -> u32 { return step[0]; }
fn token_id(row: u32) -> u32 { return step[TOKENS_AT + row]; }
