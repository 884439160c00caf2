import { readRequest, requestSize } from '../abi/generated.js';
import { ChordError } from '../errors.js';
import type { Core } from '../host/core.js';
import { Pace } from '../host/pace.js';
import type { Session } from '../host/session.js';

/** The session's tokens with their keys and values, as `loadSession` takes them. */
export async function saveSession(session: Session): Promise<Uint8Array<ArrayBuffer>> {
  const size = session.use((core, address) =>
    core.withScratch((scratch) => {
      const out = scratch.allocate(8);
      core.check((x) => x.chord_session_save(address, out));
      return Number(core.control.data.getBigUint64(out, true));
    }),
  );
  const saved = roomFor(session, size);
  await moveBytes(session, (piece, offset) => {
    saved.set(piece, offset);
  });
  return saved;
}

/** Puts a saved session in the place of what this one holds. */
export async function loadSession(session: Session, saved: Uint8Array): Promise<void> {
  session.use((core, address) => {
    core.check((x) => x.chord_session_load(address, BigInt(saved.length)));
  });
  await moveBytes(session, (piece, offset) => {
    piece.set(saved.subarray(offset, offset + piece.length));
  });
}

function roomFor(session: Session, size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    session.cancel();
    throw new ChordError('out_of_memory', `no memory for a saved session of ${size} bytes`, { cause });
  }
}

async function moveBytes(session: Session, move: (piece: Uint8Array, offset: number) => void): Promise<void> {
  const pace = new Pace();
  for (let event = session.step(0); event !== 'done'; event = session.step(0)) {
    if (event === 'waiting') await session.use((core) => core.gpu?.settled());
    if (event === 'bytes') {
      const { piece, offset } = session.use(pieceOf);
      move(piece, offset);
    }
    await pace.keep();
  }
}

/** The part of the saved session that there is room for now, and what is there. */
function pieceOf(core: Core, address: number): { piece: Uint8Array; offset: number } {
  const request = core.withScratch((scratch) => {
    const out = scratch.allocate(requestSize);
    core.check((x) => x.chord_get_bytes(address, out));
    return readRequest(core.control.data, out);
  });
  return {
    piece: core.control.at(Number(request.address), Number(request.length)),
    offset: Number(request.offset),
  };
}
