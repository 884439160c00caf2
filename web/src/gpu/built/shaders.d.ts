/** The files of src/webgpu/shaders by name, without comments. */
export const shaders: Readonly<Record<string, string>>;
