import { EventDispatcher, type HttpInstance, type HttpRequestOptions, type Logger } from '@larksuiteoapi/node-sdk';
import * as z from 'zod/mini';
import type { CallHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';
import { readApprovalEvent } from '../../shared/platforms/lark/approval-event.ts';
import { readEnvelope } from '../../shared/platforms/lark/envelope.ts';
import type { Handlers, PlatformEvent } from '../connection.ts';

const eventIdSchema = z.union([
  z.pipe(
    z.object({ uuid: z.string() }),
    z.transform(({ uuid }) => uuid),
  ),
  z.pipe(
    z.object({ header: z.object({ event_id: z.string() }) }),
    z.transform(({ header }) => header.event_id),
  ),
]);

/**
 * Takes every event to the connection's holder, also the types that nobody registered for: the SDK would acknowledge
 * those, and they would be lost. Rejecting makes the SDK answer 500, and the event is sent again. What comes here has
 * no token to check: the connection itself is authenticated.
 */
export class HandedOn extends EventDispatcher {
  readonly #handlers: Handlers;
  readonly #callbackTypes: readonly string[];

  constructor(handlers: Handlers, callbackTypes: readonly string[], logger: Logger) {
    super({ logger });
    this.#handlers = handlers;
    this.#callbackTypes = callbackTypes;
  }

  override async invoke(message: unknown): Promise<object | undefined> {
    const type = readEnvelope(message)?.type;
    if (type !== undefined && this.#callbackTypes.includes(type)) return this.#call(type, message);
    const event = readEvent(message);
    if (!event) {
      this.#handlers.onFault('a message without the type of an event');
      throw new Error('not an event');
    }
    if ((await this.#handlers.onEvent(event)) === 'later') throw new Error('the event is left to be sent again');
    return undefined;
  }

  async #call(type: string, message: unknown): Promise<object> {
    const id = eventIdSchema.safeParse(message).data ?? '';
    const answer = await this.#handlers.onCallback({ platform: 'lark', topic: type, id, data: message });
    if (answer === undefined) throw new Error('nobody answers this callback');
    return answer;
  }
}

function readEvent(message: unknown): PlatformEvent | undefined {
  const envelope = readEnvelope(message);
  if (!envelope) return undefined;
  const id = eventIdSchema.safeParse(message).data ?? '';
  return { platform: 'lark', id, type: envelope.type, said: readApprovalEvent(envelope), sentAt: envelope.sentAt ?? 0 };
}

const endpointSchema = z.object({
  code: z.literal(0),
  data: z.object({
    URL: z.string().check(z.regex(/^wss?:\/\//)),
    ClientConfig: z.object({ PingInterval: z.number().check(z.positive()) }),
  }),
});
const refusalSchema = z.object({ code: z.number(), msg: z.optional(z.string()) });

/** What the endpoint must say for the SDK to work with it: without a ping interval it would ping without a pause. */
export function readEndpoint(answer: unknown): { pingIntervalMs: number } {
  const endpoint = endpointSchema.safeParse(answer);
  if (endpoint.success) return { pingIntervalMs: endpoint.data.data.ClientConfig.PingInterval * 1000 };
  const { code, msg = '' } = refusalSchema.safeParse(answer).data ?? { code: 'unknown' };
  throw new Error(`the endpoint gave no connection: code ${code} ${msg}`.trim());
}

/**
 * What the SDK asks for the address with: our own client, so that the answer is looked at before the SDK uses it. Of the
 * interface a WSClient calls this alone.
 */
export function createHttpInstance(http: CallHttp, signal: AbortSignal, look: (answer: unknown) => void): HttpInstance {
  const request = async ({ url = '', headers, data }: HttpRequestOptions<unknown>): Promise<unknown> => {
    const answer = await http({
      service: 'lark',
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(data),
      timeoutMs: 8_000,
      signal,
    });
    const json = parseJson(answer.body);
    look(json);
    return json;
  };
  return Object.create(null, { request: { value: request } });
}
