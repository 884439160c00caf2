import { startWorker } from '#engine-host';
import { messageOf } from '../errors.js';
import type { FromEngine, ToEngine } from './protocol.js';

/** The caller's end of the way to an engine's thread, or to the engine in the caller's own. */
export interface Link {
  post(message: ToEngine, transfer?: ArrayBuffer[]): void;
  /** Whether what is under way keeps the process alive. */
  keepAlive(alive: boolean): void;
  /** Resolves when the engine's side is gone. */
  end(): Promise<void>;
}

/** Starts a worker; throws where that is refused. `onEnd`: it ended, or never began. */
export type StartWorker = (
  url: string | undefined,
  receive: (message: FromEngine) => void,
  onEnd: (cause: Error) => void,
) => Link;

export interface Listener {
  receive(message: FromEngine): void;
  /** The engine's thread has ended by itself. */
  lost(cause: Error): void;
}

/** Resolves when the worker's script runs; rejects with what kept it from that. */
export function workerLink(url: string | undefined, listener: Listener): Promise<Link> {
  return new Promise((resolve, reject) => {
    let started = false;
    const link = startWorker(
      url,
      (message) => {
        if (message.type !== 'started') {
          listener.receive(message);
          return;
        }
        started = true;
        resolve(link);
      },
      (cause) => {
        if (started) listener.lost(cause);
        else reject(cause);
      },
    );
  });
}

/** The engine in this thread. Messages are handed over later, as between threads. */
export async function localLink(listener: Listener): Promise<Link> {
  const { Server } = await import('./server.js');
  const later = (work: () => void): void => {
    void Promise.resolve().then(work);
  };
  const server = new Server((message) => {
    later(() => {
      listener.receive(message);
    });
  });
  return {
    post: (message) => {
      later(() => {
        server.receive(message);
      });
    },
    keepAlive: () => undefined,
    end: () => {
      server.dispose();
      return Promise.resolve();
    },
  };
}

/** A link, and why it is the one. */
export interface Linked {
  readonly link: Link;
  readonly worker: boolean;
  readonly reason: string;
}

/** To a worker, where one is wanted and can start; else in this thread. */
export async function connect(wanted: boolean, url: string | undefined, listener: Listener): Promise<Linked> {
  if (!wanted) return { link: await localLink(listener), worker: false, reason: 'no worker was asked for' };
  try {
    return { link: await workerLink(url, listener), worker: true, reason: 'a worker could start' };
  } catch (cause) {
    const reason = `the worker could not start: ${messageOf(cause)}`;
    return { link: await localLink(listener), worker: false, reason };
  }
}
