import type { Server } from 'node:http';

export interface ServeOptions {
  root?: string;
  port?: number;
  ranges?: boolean;
  wasmType?: string;
  isolated?: boolean;
  headers?: Record<string, string>;
  onRequest?: (method: string | undefined, path: string, range: string | undefined) => void;
}

export function serve(options?: ServeOptions): Promise<{ server: Server; origin: string }>;
