// What is in a repository on Hugging Face.
import type { Repository } from './address.js';
import { numberIn, textIn } from '../ui/values.js';

/** A model in it: one file, or the parts of a split one. */
export interface HubModel {
  /** The path of its file, or of the first part. */
  readonly file: string;
  /** Bytes of all parts. */
  readonly size: number;
  readonly parts: number;
  /** Of the weights, by the name of the file: "Q4_K_M", or "". */
  readonly quantization: string;
}

/** Lists its GGUF files, the smallest first. Rejects with an `Error` that says what is in the way. */
export async function listModels(
  { repo, revision }: Repository,
  token: string | undefined,
  signal: AbortSignal,
): Promise<HubModel[]> {
  const url = `https://huggingface.co/api/models/${repo}/tree/${encodeURIComponent(revision)}?recursive=true`;
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { signal, ...(headers && { headers }) }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error('Hugging Face cannot be reached. See that you are online, then try again.', { cause: error });
  });
  if (!response.ok) throw new Error(refusal(response.status, repo, token !== undefined));
  const listed: unknown = await response.json();
  const models = modelsIn(Array.isArray(listed) ? listed : []);
  if (models.length === 0) throw new Error(`${repo} has no GGUF file. Look for a repository with GGUF in its name.`);
  return models;
}

function refusal(status: number, repo: string, hasToken: boolean): string {
  if (status === 404) return `There is no ${repo} on Hugging Face, or not with that revision.`;
  if (status !== 401 && status !== 403) return `Hugging Face answered with status ${status}. Try again later.`;
  return hasToken
    ? `The token may not read ${repo}. Accept its terms on Hugging Face, or give another token.`
    : `There is no public ${repo}. If it is gated or private, give an access token below.`;
}

const part = /-(\d{5})-of-\d{5}(?=\.gguf$)/i;

export function modelsIn(listed: readonly unknown[]): HubModel[] {
  const models = new Map<string, HubModel>();
  for (const entry of listed) {
    const path = textIn(entry, 'path') ?? '';
    // Parts that see are no models of their own.
    if (!/\.gguf$/i.test(path) || /(^|\/)mmproj/i.test(path)) continue;
    const whole = path.replace(part, '');
    const before = models.get(whole);
    models.set(whole, {
      file: before && before.file < path ? before.file : path,
      size: (before?.size ?? 0) + (numberIn(entry, 'size') ?? 0),
      parts: (before?.parts ?? 0) + 1,
      quantization: quantizationIn(whole),
    });
  }
  return [...models.values()].sort((a, b) => a.size - b.size);
}

function quantizationIn(path: string): string {
  return /(?:^|[-._/])((?:BF16|F16|F32|MXFP4|I?Q\d(?:_\w+?)?|TQ\d_\d))\.gguf$/i.exec(path)?.[1]?.toUpperCase() ?? '';
}

/** Whether weights that are stored so run here; true for what the name does not tell. */
export function isSupported({ quantization }: HubModel): boolean {
  return !/^(I?Q1|IQ[23]|TQ|MXFP)/.test(quantization);
}
