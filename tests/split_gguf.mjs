// Splits a GGUF file over several, as llama.cpp's gguf-split does: all metadata in the first, in each its number, and
// tensors in the file's order.

const fixedSizes = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];
const typeString = 8;
const typeArray = 9;
const alignment = 32;

/** The files of `whole` (a Buffer), with so many tensors each; with `emptyFirst`, one without any before them. */
export function splitGguf(whole, tensorsPerFile, { emptyFirst = false } = {}) {
  let at = 24;
  const u64 = () => Number(whole.readBigUInt64LE((at += 8) - 8));
  const u32 = () => whole.readUInt32LE((at += 4) - 4);
  // Not `at += u64()`, which would take `at` from before the call.
  const skipString = () => {
    const length = u64();
    at += length;
  };
  const skipValue = (type) => {
    if (type === typeString) return skipString();
    if (type !== typeArray) return void (at += fixedSizes[type]);
    const element = u32();
    const count = u64();
    if (fixedSizes[element] !== undefined) at += count * fixedSizes[element];
    else for (let i = 0; i < count; ++i) skipValue(element);
  };
  const tensorCount = Number(whole.readBigUInt64LE(8));
  const entryCount = Number(whole.readBigUInt64LE(16));
  for (let i = 0; i < entryCount; ++i) {
    skipString();
    skipValue(u32());
  }
  const entries = whole.subarray(24, at);
  const tensors = Array.from({ length: tensorCount }, () => {
    const begin = at;
    skipString();
    const dimensions = u32();
    at += dimensions * 8 + 4;
    const info = whole.subarray(begin, at);
    return { info, offset: u64() };
  });
  const data = whole.subarray(padded(at));
  for (const [i, tensor] of tensors.entries()) {
    tensor.bytes = data.subarray(tensor.offset, tensors[i + 1]?.offset ?? data.length);
  }

  const groups = emptyFirst ? [[]] : [];
  for (let i = 0; i < tensors.length; i += tensorsPerFile) groups.push(tensors.slice(i, i + tensorsPerFile));
  return groups.map((group, number) => {
    const numbers = [entry('split.no', 2, number), entry('split.count', 2, groups.length)];
    numbers.push(entry('split.tensors.count', 5, tensorCount));
    const prologue = Buffer.from(whole.subarray(0, 24));
    prologue.writeBigUInt64LE(BigInt(group.length), 8);
    prologue.writeBigUInt64LE(BigInt((number === 0 ? entryCount : 0) + numbers.length), 16);
    let offset = 0;
    const infos = group.map(({ info, bytes }) => {
      const place = Buffer.alloc(8);
      place.writeBigUInt64LE(BigInt(offset));
      offset += padded(bytes.length);
      return Buffer.concat([info, place]);
    });
    const header = Buffer.concat([prologue, ...(number === 0 ? [entries] : []), ...numbers, ...infos]);
    return Buffer.concat([pad(header), ...group.map(({ bytes }) => pad(bytes))]);
  });
}

/** "model-00002-of-00003.gguf" */
export function splitName(name, number, count) {
  const digits = (value) => String(value).padStart(5, '0');
  return `${name}-${digits(number)}-of-${digits(count)}.gguf`;
}

function entry(key, type, value) {
  const bytes = Buffer.alloc(8 + key.length + 4 + fixedSizes[type]);
  bytes.writeBigUInt64LE(BigInt(key.length));
  bytes.write(key, 8);
  bytes.writeUInt32LE(type, 8 + key.length);
  bytes.writeUIntLE(value, 12 + key.length, fixedSizes[type]);
  return bytes;
}

const padded = (length) => Math.ceil(length / alignment) * alignment;
const pad = (bytes) => Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
