export function splitGguf(whole: Buffer, tensorsPerFile: number, options?: { emptyFirst?: boolean }): Buffer[];
export function splitName(name: string, number: number, count: number): string;
