import protobuf from 'protobufjs';
import { z } from 'zod';

/** The frame of the long connection as the official SDKs have it (`pbbp2`); one frame is one binary message. */
const { root } = protobuf.parse(
  `
  syntax = "proto2";
  package pbbp2;
  message Header { required string key = 1; required string value = 2; }
  message Frame {
    required uint64 SeqID = 1;
    required uint64 LogID = 2;
    required int32 service = 3;
    required int32 method = 4;
    repeated Header headers = 5;
    optional string payload_encoding = 6;
    optional string payload_type = 7;
    optional bytes payload = 8;
    optional string LogIDNew = 9;
  }
`,
  { keepCase: true },
);
const frameType = root.lookupType('pbbp2.Frame');

export const CONTROL = 0;
export const DATA = 1;

/** `SeqID` and `LogID` are texts: numbers of 64 bits that JavaScript cannot hold. */
const FrameSchema = z.object({
  SeqID: z.string(),
  LogID: z.string(),
  service: z.number(),
  method: z.number(),
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
  payload: z.instanceof(Uint8Array).optional(),
});

export interface Frame {
  SeqID: string;
  LogID: string;
  service: number;
  method: number;
  headers: Readonly<Record<string, string>>;
  payload?: Buffer;
}

export function encodeFrame({ headers, ...frame }: Frame): Buffer {
  const pairs = Object.entries(headers).map(([key, value]) => ({ key, value }));
  return Buffer.from(frameType.encode(frameType.fromObject({ ...frame, headers: pairs })).finish());
}

/** The frame in these bytes, or undefined if they are none. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  try {
    const plain: unknown = frameType.toObject(frameType.decode(bytes), {
      longs: String,
      defaults: false,
      arrays: true,
    });
    const { headers, payload, ...frame } = FrameSchema.parse(plain);
    const named = Object.fromEntries(headers.map(({ key, value }) => [key, value]));
    return { ...frame, headers: named, ...(payload && { payload: Buffer.from(payload) }) };
  } catch {
    return undefined;
  }
}

/** What comes back on an event: the frame itself, with this as its payload. */
export const AnswerSchema = z.object({ code: z.number(), data: z.string().optional() });
