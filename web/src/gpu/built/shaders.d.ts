/** The files of src/webgpu/shaders by name, minified and packed. */
export const shaders: Readonly<Record<string, string>>;
/** Their dictionary. */
export const entries: readonly string[];
