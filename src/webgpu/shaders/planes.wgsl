// A matrix's two planes, of which `at` says where they begin: in vec4s and in words. What a type makes of a unit of 32
// columns, the files int8_… say: for each `part` of 16, bytes, what they are multiplied with, and what is then
// subtracted (0 unless kMinimum_A). kScaled_A: how many parts have that in common.
@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> rest: array<u32>;
