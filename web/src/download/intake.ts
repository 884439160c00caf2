import { platform } from '#platform';
import type { Claim } from '../cache/entry.js';
import { ChordError } from '../errors.js';
import type { FileOptions } from '../sources/options.js';
import type { Remote } from './remote.js';
import type { Hasher } from './sha256.js';

/** What is done with the bytes of a download as they pass: they are hashed, and written to the cache. */
export class Intake {
  readonly #remote: Remote;
  readonly #expected: string | undefined;
  readonly #hasher: Hasher | undefined;
  /** Whether the download goes on without the cache where that cannot be written. */
  readonly #isOptional: boolean;
  readonly #claim: Claim | undefined;
  /** Whether the cache can be written. */
  #writes = true;
  #passed = 0;
  #ended = false;

  private constructor(
    remote: Remote,
    claim: Claim | undefined,
    isOptional: boolean,
    expected?: string,
    hasher?: Hasher,
  ) {
    this.#remote = remote;
    this.#claim = claim;
    this.#isOptional = isOptional;
    this.#expected = expected;
    this.#hasher = hasher;
  }

  static async begin(
    remote: Remote,
    claim: Claim | undefined,
    { sha256, findHash, cache }: FileOptions,
  ): Promise<Intake> {
    const expected = (sha256 ?? remote.linkedHash ?? (await findHash?.()))?.toLowerCase();
    const hasher = expected === undefined ? undefined : await platform.sha256();
    const intake = new Intake(remote, claim, cache === 'optional', expected, hasher);
    await intake.#store(() => claim?.begin(remote.state));
    return intake;
  }

  /** The next bytes of the file, from its beginning; those that are in the cache already are only hashed. */
  async take(bytes: Uint8Array): Promise<void> {
    this.#hasher?.update(bytes);
    const isNew = this.#passed >= (this.#claim?.length ?? 0);
    this.#passed += bytes.length;
    if (isNew) await this.#store(() => this.#claim?.append(bytes));
  }

  /** After the last byte: throws `integrity` where they are not those that were expected. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { size } = this.#remote.state;
    if (size !== undefined && size !== this.#passed) await this.#refuse(`${this.#passed} bytes came, not ${size}`);
    const sha256 = this.#hasher?.digest();
    if (sha256 !== this.#expected) await this.#refuse(`its SHA-256 is ${sha256 ?? ''}, not ${this.#expected ?? ''}`);
    await this.#store(() => this.#claim?.commit(this.#remote.state, sha256));
  }

  async close(): Promise<void> {
    if (!this.#writes) await this.#claim?.reset();
    await this.#claim?.close();
  }

  async #refuse(reason: string): Promise<never> {
    await this.#claim?.reset();
    throw new ChordError('integrity', `${this.#remote.name}: ${reason}: download it again, or from elsewhere`);
  }

  async #store(write: () => Promise<void> | undefined): Promise<void> {
    if (!this.#writes) return;
    try {
      await write();
    } catch (error) {
      if (!this.#isOptional) throw error;
      this.#writes = false;
    }
  }
}
