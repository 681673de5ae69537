import { z } from 'zod';
import { decodeFields, encodeFields, type Field } from './protobuf.ts';

export const CONTROL = 0;
export const DATA = 1;

/**
 * The frame of the long connection as the official SDKs have it (`pbbp2.Frame`, proto2); one frame is one binary
 * message. `payload_encoding` (6), `payload_type` (7) and `LogIDNew` (9) are optional and left out.
 */
export interface Frame {
  /** Field 1 and 2: numbers of 64 bits, of which the SDK for Node.js sends back only the first digits. */
  SeqID: bigint;
  LogID: bigint;
  /** Field 3. */
  service: number;
  /** Field 4: `CONTROL` or `DATA`. */
  method: number;
  /** Field 5, repeated: a key (1) and a value (2) each. */
  headers: Readonly<Record<string, string>>;
  /** Field 8. */
  payload?: Buffer;
}

export function encodeFrame({ SeqID, LogID, service, method, headers, payload }: Frame): Buffer {
  const pairs = Object.entries(headers).map(
    ([key, value]): Field => ({
      number: 5,
      value: encodeFields([
        { number: 1, value: Buffer.from(key) },
        { number: 2, value: Buffer.from(value) },
      ]),
    }),
  );
  return encodeFields([
    { number: 1, value: SeqID },
    { number: 2, value: LogID },
    { number: 3, value: BigInt(service) },
    { number: 4, value: BigInt(method) },
    ...pairs,
    ...(payload ? [{ number: 8, value: payload }] : []),
  ]);
}

/** The frame in these bytes, or undefined if they are none. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  const fields = decodeFields(bytes);
  if (!fields) return undefined;
  const [SeqID, LogID, service, method] = [1, 2, 3, 4].map((number) => numberOf(fields, number));
  if (SeqID === undefined || LogID === undefined || service === undefined || method === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const { number, value } of fields) {
    const pair = number === 5 && typeof value !== 'bigint' ? decodeFields(value) : undefined;
    if (pair) headers[textOf(pair, 1)] = textOf(pair, 2);
  }
  const payload = fields.find(({ number }) => number === 8)?.value;
  const frame = { SeqID, LogID, service: Number(BigInt.asIntN(32, service)), method: Number(method), headers };
  return typeof payload === 'object' ? { ...frame, payload } : frame;
}

function numberOf(fields: readonly Field[], wanted: number): bigint | undefined {
  const value = fields.find(({ number }) => number === wanted)?.value;
  return typeof value === 'bigint' ? value : undefined;
}

function textOf(fields: readonly Field[], wanted: number): string {
  const value = fields.find(({ number }) => number === wanted)?.value;
  return typeof value === 'object' ? value.toString('utf8') : '';
}

/** What comes back on an event: the frame itself, with this as its payload. `data` is Base64 of what the handler returned. */
export const AnswerSchema = z.object({ code: z.number(), data: z.string().optional() });
export type Answer = z.infer<typeof AnswerSchema>;
