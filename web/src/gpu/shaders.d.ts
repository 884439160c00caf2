/** The files of src/webgpu/shaders by name, without comments: tools/builds.mjs puts them in. */
declare module '#shaders' {
  export const shaders: Readonly<Record<string, string>>;
}
