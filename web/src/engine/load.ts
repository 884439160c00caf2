import { absolute, clonesBlobs, keepStorage } from '#engine-host';
import { chordKvType } from '../abi/generated.js';
import { ChordError, cancelled, throwIfAborted } from '../errors.js';
import { checkContextLength } from '../model_info.js';
import { isList, isRepository } from '../sources/open.js';
import type { FileSource, ModelSource } from '../sources/source.js';
import { CallerFile } from './caller_file.js';
import { Client } from './client.js';
import { LoadedEngine } from './engine.js';
import { connect } from './link.js';
import type { FileOptions, LoadSettings, ModelFacts, SourceMessage } from './protocol.js';
import type { Engine, EngineOptions } from './types.js';

/** What `load` does. */
export async function loadEngine(source: ModelSource, options: EngineOptions): Promise<Engine> {
  const settings = loadSettings(options);
  throwIfAborted(options.signal);
  const workerUrl = options.workerUrl === undefined ? undefined : absolute(options.workerUrl);
  if (cached(options).cache !== false) keepStorage();
  const client = new Client();
  const { link, worker, reason } = await connect(options.worker !== false, workerUrl, client);
  client.attach(link);
  try {
    const message = worker ? messageOf(source, options) : { kind: 'own' as const, source };
    if (message.kind === 'caller') {
      client.serve(
        new CallerFile(source, { ...options, ...cached(options) }, (answer, transfer) => {
          client.post(answer, transfer);
        }),
      );
    }
    const facts = await loaded(client, message, fileOptions(options, worker), settings, options);
    return new LoadedEngine(client, facts, { worker, workerReason: reason });
  } catch (error) {
    void client.end(new ChordError('closed', 'the model was not loaded'));
    throw error;
  }
}

function loaded(
  client: Client,
  source: SourceMessage,
  files: FileOptions,
  settings: LoadSettings,
  { signal, onProgress, onCompile }: EngineOptions,
): Promise<ModelFacts> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      if (signal) reject(cancelled(signal));
    };
    signal?.addEventListener('abort', abort);
    client
      .call(
        (id) => ({ type: 'load', id, source, files, settings }),
        (answer) => {
          if (answer.type === 'progress') onProgress?.(answer.progress);
          if (answer.type === 'compile') onCompile?.(answer.done, answer.total);
          return answer.type === 'loaded' ? { result: answer.facts } : undefined;
        },
      )
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', abort));
    if (signal?.aborted) abort();
  });
}

/** A source as it crosses to a worker. Buffers stay here, since they would be copied whole. */
function messageOf(source: ModelSource, { fetch }: EngineOptions): SourceMessage {
  const caller = { kind: 'caller' } as const;
  if (!isList(source)) {
    const own = ownFile(source, fetch);
    return own === undefined ? caller : { kind: 'own', source: own };
  }
  const files = source.map((file) => ownFile(file, fetch)).filter((file) => file !== undefined);
  return files.length === source.length ? { kind: 'own', source: files } : caller;
}

function ownFile(source: FileSource, fetch: EngineOptions['fetch']): FileSource | undefined {
  if (source instanceof Blob) return clonesBlobs() ? source : undefined;
  if (fetch) return undefined;
  if (typeof source === 'string' || source instanceof URL) return absolute(source);
  if (!isRepository(source)) return undefined;
  const { repo, file, revision, endpoint } = source;
  return { repo, file, revision, endpoint: endpoint === undefined ? undefined : String(endpoint) };
}

function fileOptions(options: EngineOptions, worker: boolean): FileOptions {
  const { headers, fetch, token, retries, retryDelay, stallTimeout, connections, cacheFolder, sha256, verify } =
    options;
  return {
    ...cached(options),
    ...{ token, retries, retryDelay, stallTimeout, connections, cacheFolder, sha256, verify },
    headers: [...new Headers(headers)],
    // A function does not cross.
    ...(worker ? {} : { fetch }),
  };
}

/** An engine keeps what it downloads, where there is room. */
function cached({ cache = 'optional' }: EngineOptions): Pick<FileOptions, 'cache'> {
  return { cache };
}

const devices: readonly string[] = ['auto', 'cpu', 'webgpu'];

function loadSettings(options: EngineOptions): LoadSettings {
  const { device = 'auto', kvType = 'f16', memoryBudget, assets } = options;
  if (!devices.includes(device)) throw refused('device', device, devices.join(', '));
  if (!Object.hasOwn(chordKvType, kvType)) throw refused('kvType', kvType, 'f16, f32, q8_0');
  if (memoryBudget !== undefined && !(memoryBudget >= 0)) throw refused('memoryBudget', memoryBudget, '0 or above');
  return {
    device,
    softwareAdapter: options.softwareAdapter === true,
    variant: options.variant,
    threads: options.threads,
    assets: assets === undefined ? undefined : absolute(assets),
    contextLength: checkContextLength(options.contextLength),
    kvType,
    memoryBudget,
  };
}

function refused(name: string, value: unknown, allowed: string): ChordError {
  return new ChordError('invalid_argument', `${name} is ${String(value)}; allowed is ${allowed}`);
}
