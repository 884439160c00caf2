// What the generated readers and writers of C structs are made of: code for each member of each would be a tenth of
// the package's first script.

/** How a member of a struct lies in memory, little-endian. */
export interface Member<T> {
  readonly bytes: number;
  readonly alignment: number;
  get(view: DataView, address: number): T;
  set(view: DataView, address: number, value: T): void;
}

/** The members of a struct in their order, each at the next multiple of its alignment. */
export type Members<T> = { readonly [Name in keyof T]: Member<T[Name]> };

const numeric = (bytes: 4 | 8, kind: 'Uint32' | 'Int32' | 'Float32' | 'Float64'): Member<number> => ({
  bytes,
  alignment: bytes,
  get: (view, address) => view[`get${kind}` as const](address, true),
  set(view, address, value) {
    view[`set${kind}` as const](address, value, true);
  },
});

export const uint32 = /* @__PURE__ */ numeric(4, 'Uint32');
export const int32 = /* @__PURE__ */ numeric(4, 'Int32');
export const float32 = /* @__PURE__ */ numeric(4, 'Float32');
export const float64 = /* @__PURE__ */ numeric(8, 'Float64');
export const uint64: Member<bigint> = {
  bytes: 8,
  alignment: 8,
  get: (view, address) => view.getBigUint64(address, true),
  set(view, address, value) {
    view.setBigUint64(address, value, true);
  },
};

export const array = <T>(element: Member<T>, length: number): Member<T[]> => ({
  bytes: element.bytes * length,
  alignment: element.alignment,
  get: (view, address) => Array.from({ length }, (_, index) => element.get(view, address + index * element.bytes)),
  set(view, address, values) {
    values.forEach((value, index) => {
      element.set(view, address + index * element.bytes, value);
    });
  },
});

type AnyMembers = Record<string, Member<unknown>>;

function place(members: AnyMembers) {
  let end = 0;
  return Object.entries(members).map(([name, member]) => {
    const offset = Math.ceil(end / member.alignment) * member.alignment;
    end = offset + member.bytes;
    return { name, member, offset };
  });
}

/** What reads a struct at an address. */
export function reader<T>(members: Members<T>): (view: DataView, address: number) => T;
export function reader(members: AnyMembers) {
  const places = place(members);
  return (view: DataView, address: number): unknown =>
    Object.fromEntries(places.map(({ name, member, offset }) => [name, member.get(view, address + offset)]));
}

/** What writes all members of a struct to an address. */
export function writer<T>(members: Members<T>): (view: DataView, address: number, value: T) => void;
export function writer(members: AnyMembers): (view: DataView, address: number, value: Record<string, unknown>) => void {
  const places = place(members);
  return (view, address, value) => {
    for (const { name, member, offset } of places) member.set(view, address + offset, value[name]);
  };
}
