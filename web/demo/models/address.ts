// What people type or paste to say where a model is.
import type { HuggingFaceSource } from 'wasm-chord';

export interface WebModel {
  readonly kind: 'model';
  /** To be shown. */
  readonly name: string;
  readonly source: string | HuggingFaceSource;
}

/** A repository on Hugging Face, whose files are to be listed. */
export interface Repository {
  readonly kind: 'repository';
  /** "owner/name" */
  readonly repo: string;
  readonly revision: string;
}

const huggingFace = 'https://huggingface.co';

/**
 * A URL of a file, the address of a page on Hugging Face about a file or a repository, or `owner/repository` there, or
 * `owner/repository/file.gguf`, both with a revision as `owner/repository@revision`. A string: what is wrong with it.
 */
export function parseAddress(text: string): WebModel | Repository | string {
  const typed = text.trim();
  if (typed === '') return 'Enter the address of a model first.';
  if (/^[a-z][a-z\d+.-]*:/i.test(typed)) return parseUrl(typed);
  const [, owner, repository, revision, file] =
    /^([\w.-]+)\/([\w.-]+)(?:@([^/\s]+))?(?:\/([^\s?#]+))?$/.exec(typed) ?? [];
  if (owner === undefined || repository === undefined) {
    return 'That is neither a URL (https://…) nor owner/repository on Hugging Face.';
  }
  const repo = `${owner}/${repository}`;
  if (file === undefined) return { kind: 'repository', repo, revision: revision ?? 'main' };
  if (!/\.gguf$/i.test(file)) return `The file must be a GGUF file, and “${file}” does not end in .gguf.`;
  return { kind: 'model', name: lastPart(file), source: { repo, file, revision } };
}

function parseUrl(typed: string): WebModel | Repository | string {
  if (!URL.canParse(typed)) return 'That URL is not well-formed.';
  const url = new URL(typed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `A model is loaded from https: or http:, and not from ${url.protocol}`;
  }
  if (url.origin === huggingFace) {
    const [, repo, , revision] = /^\/([\w.-]+\/[\w.-]+)(\/tree\/([^/]+))?\/?$/.exec(url.pathname) ?? [];
    if (repo !== undefined) return { kind: 'repository', repo, revision: revision ?? 'main' };
    // The page about a file, where people copy addresses from.
    url.pathname = url.pathname.replace('/blob/', '/resolve/');
  }
  return { kind: 'model', name: lastPart(url.pathname) || url.hostname, source: url.href };
}

function lastPart(path: string): string {
  const part = path.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
