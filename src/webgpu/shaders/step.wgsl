// The parameters of a step, as src/webgpu/step_data.h lays them out.
@group(0) @binding(7) var<storage, read> step: array<u32>;

fn first_position() -> u32 { return step[0]; }
fn token_id(row: u32) -> u32 { return step[TOKENS_AT + row]; }
// The cells of the text that a token is of: where they begin and, of texts without a direction, end.
fn text_of(row: u32) -> vec2<u32> { return vec2<u32>(step[TEXTS_AT + 2u * row], step[TEXTS_AT + 2u * row + 1u]); }
fn position_of(row: u32) -> u32 { return first_position() + row - text_of(row).x; }
