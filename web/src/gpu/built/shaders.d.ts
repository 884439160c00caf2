/** The files of src/webgpu/shaders by name, minified. */
export const shaders: Readonly<Record<string, string>>;
/** What single characters in them stand for. */
export const phrases: Readonly<Record<string, string>>;
