/** JSON of the members of GpuData (../data.ts), compressed, in base64. */
export const packed: string;
