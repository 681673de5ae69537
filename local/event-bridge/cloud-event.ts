import * as z from 'zod';
import { EventBridgeError } from './event-bridge-error.ts';
import { ownValue } from './pattern/json-value.ts';

/** An event as it is delivered: the CloudEvents 1.0 envelope, extensions beside it. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly [attribute: string]: unknown;
}

/** The smaller of the two documented limits; see README.md. In bytes, as `eventSize` counts. */
export const MAX_EVENT_BYTES = 64 * 1024;
export const MAX_BATCH_BYTES = 262_144;
export const MAX_BATCH_EVENTS = 16;

/** Not documented; what is nested deeper is refused before anything recurses into it. */
const MAX_DATA_DEPTH = 100;

/** RFC 3339, or with the name of a zone instead of an offset, as samples of the document have it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d|[A-Za-z_]{1,32}(\/[A-Za-z_]{1,32})?)$/;

const EXTENSION_NAME = /^[a-z0-9]{1,64}$/;

const text = (max: number) => z.string().min(1).max(max);

/** Lengths: https://help.aliyun.com/en/eventbridge/product-overview/limits. Other keys are extensions. */
const envelopeSchema = z.object({
  id: text(128).regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/),
  source: text(128),
  specversion: z.literal('1.0'),
  type: text(64),
  datacontenttype: text(128)
    .regex(/^application\/json(;.*)?$/i)
    .optional(),
  dataschema: text(1024).optional(),
  subject: text(512).optional(),
  time: text(64).regex(TIME).optional(),
});

/** Codes of single faults, as the open-source peer names them. */
const CODES: Readonly<Record<string, string>> = {
  id: 'EventIdEmpty',
  source: 'EventSourceInvalid',
  specversion: 'EventSpecversionInvalid',
  type: 'EventTypeInvalid',
  datacontenttype: 'EventContentTypeInvalid',
  dataschema: 'EventSchemaInvalid',
  subject: 'EventSubjectInvalid',
};

/** Checks one event of a request. Throws EventBridgeError with the code for its entry of the answer. */
export function parseCloudEvent(json: unknown): CloudEvent {
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) {
    const [issue] = envelope.error.issues;
    const attribute = String(issue?.path[0] ?? '');
    throw new EventBridgeError(
      400,
      CODES[attribute] ?? 'EventInvalid',
      `The event attribute [${attribute}]: ${issue?.message}`,
    );
  }
  const data = ownValue(json, 'data');
  if (isTooDeep(data)) {
    throw new EventBridgeError(400, 'EventInvalid', `The event data is nested deeper than ${MAX_DATA_DEPTH} levels.`);
  }
  return { ...envelope.data, ...extensionsOf(json), ...(data === undefined ? {} : { data }) };
}

function extensionsOf(json: unknown): Record<string, string | number | boolean> {
  const known: readonly string[] = [...Object.keys(envelopeSchema.shape), 'data'];
  const extensions: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(json ?? {})) {
    if (known.includes(name)) continue;
    const isValue = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!EXTENSION_NAME.test(name) || !isValue) {
      throw new EventBridgeError(400, 'EventExtensionsAttributeInvalid', 'The extensions attribute is invalid.');
    }
    extensions[name] = value;
  }
  return extensions;
}

/**
 * Bytes of an event as the service counts them: 36 for `time`, the attributes in UTF-8, the data; extensions are free.
 * https://www.alibabacloud.com/help/en/eventbridge/latest/calculate-the-size-of-events-published-by-putevents
 */
export function eventSize(event: CloudEvent): number {
  const names = ['specversion', 'id', 'type', 'source', 'subject', 'dataschema', 'datacontenttype'];
  const attributes = names.map((name) => String(event[name] ?? ''));
  const data = event['data'] === undefined ? '' : JSON.stringify(event['data']);
  const time = event['time'] === undefined ? 0 : 36;
  return [...attributes, data].reduce((sum, value) => sum + Buffer.byteLength(value), time);
}

/** Whether data are nested deeper than anything here recurses into. */
export function isTooDeep(data: unknown): boolean {
  return isDeeperThan(data, MAX_DATA_DEPTH);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

/** The request an event is about, for the log, when its data say so. */
export function requestIdOf(event: CloudEvent): string | undefined {
  const id = ownValue(event['data'], 'request_id');
  return typeof id === 'string' && id.length <= 128 ? id : undefined;
}
