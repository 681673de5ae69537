/** As much of protobuf's wire format as a frame needs: https://protobuf.dev/programming-guides/encoding/ */
export interface Field {
  number: number;
  /** A varint, or bytes with their length before them. */
  value: bigint | Buffer;
}

const VARINT = 0;
const BYTES = 2;

export function encodeFields(fields: readonly Field[]): Buffer {
  const parts = fields.flatMap(({ number, value }) => {
    if (typeof value === 'bigint') return [varint(BigInt(number * 8 + VARINT)), varint(value)];
    return [varint(BigInt(number * 8 + BYTES)), varint(BigInt(value.length)), value];
  });
  return Buffer.concat(parts);
}

/** The fields in these bytes, or undefined if they are no message of such fields. */
export function decodeFields(bytes: Uint8Array): Field[] | undefined {
  const buffer = Buffer.from(bytes);
  const fields: Field[] = [];
  let at = 0;
  const next = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = buffer[at];
      if (byte === undefined) return undefined;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return undefined;
  };
  while (at < buffer.length) {
    const tag = next();
    const value = next();
    if (tag === undefined || value === undefined) return undefined;
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (type === VARINT) fields.push({ number, value });
    else if (type === BYTES && at + Number(value) <= buffer.length) {
      fields.push({ number, value: buffer.subarray(at, at + Number(value)) });
      at += Number(value);
    } else return undefined;
  }
  return fields;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
