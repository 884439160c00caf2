import { ChordError } from '../errors.js';

/** The bytes of a model file, wherever they are. */
export interface ByteSource {
  /** Of the file, for progress. */
  readonly name?: string | undefined;
  /** In bytes, of all files together; undefined where, or as long as, a server does not tell. */
  readonly size: number | undefined;
  /**
   * Copies bytes from `offset` on into `target`, and returns how many: at least one, or 0 at the end of the file.
   * Offsets ascend. Nobody else uses `target` until then.
   */
  read(offset: number, target: Uint8Array): number | Promise<number>;
  /** The files of a split model, in order; `read` is then the first one's. */
  readonly shards?: readonly ByteSource[] | undefined;
  /** Closes connections until the next `read`. */
  pause?(): void;
  /** Reads what is left, so that all of it is checked and in the cache. */
  finish?(): Promise<void>;
  /** Whether the bytes come from the cache. */
  readonly fromCache?: boolean | undefined;
  /** Removes them from there: they are no good. */
  discard?(): Promise<void>;
  close(): void | Promise<void>;
}

/** A file of the caller's own. */
export interface CustomSource {
  /** In bytes. */
  readonly size: number;
  /** The bytes [offset, offset + length); fewer are allowed, none means the end. */
  read(offset: number, length: number): Promise<Uint8Array | ArrayBuffer> | Uint8Array | ArrayBuffer;
}

/** A file of a repository on Hugging Face. */
export interface HuggingFaceSource {
  /** "owner/name" */
  readonly repo: string;
  /** Its path in the repository. */
  readonly file: string;
  /** A branch, tag or commit. Default: main. */
  readonly revision?: string | undefined;
  /** Another server with the same paths. Default: https://huggingface.co */
  readonly endpoint?: string | URL | undefined;
}

/** One file. A string is a URL, or in Node, Bun and Deno also a path. */
export type FileSource = string | URL | Blob | ArrayBuffer | Uint8Array | CustomSource | HuggingFaceSource;

/**
 * What a model can be loaded from: its file, or the files of a split one in order. Where the name of a URL, path or
 * file of a repository ends in -00001-of-0000N.gguf, it stands for all N.
 */
export type ModelSource = FileSource | readonly FileSource[];

export function bufferSource(buffer: ArrayBuffer | Uint8Array): ByteSource {
  const bytes = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
  return {
    size: bytes.length,
    read: (offset, target) => copy(bytes.subarray(offset, offset + target.length), target),
    close: () => undefined,
  };
}

export function blobSource(blob: Blob): ByteSource {
  return {
    name: 'name' in blob && typeof blob.name === 'string' ? blob.name : undefined,
    size: blob.size,
    read: async (offset, target) => copy(await blob.slice(offset, offset + target.length).arrayBuffer(), target),
    close: () => undefined,
  };
}

export function customSource(source: CustomSource): ByteSource {
  return {
    size: source.size,
    read: async (offset, target) => {
      const bytes = await source.read(offset, target.length);
      if (bytes.byteLength > target.length) {
        const sizes = `${bytes.byteLength} bytes instead of ${target.length}`;
        throw new ChordError('invalid_argument', `the source's read(${offset}, ${target.length}) returned ${sizes}`);
      }
      return copy(bytes, target);
    },
    close: () => undefined,
  };
}

function copy(from: Uint8Array | ArrayBuffer, target: Uint8Array): number {
  target.set(from instanceof Uint8Array ? from : new Uint8Array(from));
  return from.byteLength;
}
