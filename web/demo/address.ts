// What people type or paste to say where a model is.
import type { HuggingFaceSource } from 'wasm-chord';

export interface WebModel {
  /** To be shown. */
  readonly name: string;
  readonly source: string | HuggingFaceSource;
}

const huggingFace = 'https://huggingface.co';

/**
 * A URL of a file, the address of a file's page on Hugging Face, or `owner/repository/file.gguf` there, with a revision
 * as `owner/repository@revision/file.gguf`. A string: what is wrong with the text.
 */
export function parseAddress(text: string): WebModel | string {
  const typed = text.trim();
  if (typed === '') return 'Enter the address of a model first.';
  if (/^[a-z][a-z\d+.-]*:/i.test(typed)) return parseUrl(typed);
  const [, owner, repository, revision, file] = /^([\w.-]+)\/([\w.-]+)(?:@([^/\s]+))?\/([^\s?#]+)$/.exec(typed) ?? [];
  if (owner === undefined || repository === undefined || file === undefined) {
    return 'That is neither a URL (https://…) nor owner/repository/file.gguf on Hugging Face.';
  }
  if (!/\.gguf$/i.test(file)) return `The file must be a GGUF file, and “${file}” does not end in .gguf.`;
  return { name: lastPart(file), source: { repo: `${owner}/${repository}`, file, revision } };
}

function parseUrl(typed: string): WebModel | string {
  if (!URL.canParse(typed)) return 'That URL is not well-formed.';
  const url = new URL(typed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `A model is loaded from https: or http:, and not from ${url.protocol}`;
  }
  // The page about a file, where people copy addresses from.
  if (url.origin === huggingFace) url.pathname = url.pathname.replace('/blob/', '/resolve/');
  return { name: lastPart(url.pathname) || url.hostname, source: url.href };
}

function lastPart(path: string): string {
  const part = path.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
