// A matrix's two planes, of which `at` says where they begin: in vec4s and in words.
@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read> rest: array<u32>;
