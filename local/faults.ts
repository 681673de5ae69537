import * as z from 'zod';
import { ConnectionCut, type HttpHandler, type HttpRequest, type HttpResponse } from './http/server.ts';

export const SERVICES = ['event-bridge', 'ecs', 'oss', 'fc', 'dingtalk'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * Misbehaviour by name. The HTTP kinds work for every service: `error` answers in the service's own error shape,
 * `answer` sends literally what it is given (HTML, an error inside HTTP 200, half a JSON text), `hang` never answers,
 * `cut` closes the connection before anything happens, `lose_answer` does the work and then closes the connection.
 * `drop`, `double` and `delay` are for what a service delivers by itself (events, callbacks).
 */
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('error'), status: z.int(), code: z.string(), message: z.string().optional() }),
  z.strictObject({ kind: z.literal('answer'), status: z.int(), body: z.string(), contentType: z.string().optional() }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('lose_answer') }),
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('double') }),
  z.strictObject({ kind: z.literal('delay'), ms: z.number() }),
]);
export type Fault = z.infer<typeof faultSchema>;

export const faultRuleSchema = z.strictObject({
  service: z.enum(SERVICES),
  /** The operation's own name (`InvokeCommand`, `PutObject`, `robot/send`); absent means any. */
  operation: z.string().optional(),
  /** How many calls it hits; default 1. */
  times: z.int().positive().optional(),
  fault: faultSchema,
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** The fault this call meets, if any; each hit uses up one of the rule's times. */
  take(service: ServiceName, operation: string): Fault | undefined;
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; left: number }[] = [];
  return {
    add: (rule) => void rules.push({ rule, left: rule.times ?? 1 }),
    clear: () => {
      rules = [];
    },
    take(service, operation) {
      const hit = rules.find(
        ({ rule, left }) => left > 0 && rule.service === service && (rule.operation ?? operation) === operation,
      );
      if (!hit) return undefined;
      hit.left -= 1;
      return hit.rule.fault;
    },
  };
}

export interface FaultyService {
  service: ServiceName;
  faults: Faults;
  /** Names the operation a request asks for, as fault rules spell it. */
  operationOf: (request: HttpRequest) => string;
  /** An error in the service's own shape. */
  errorResponse: (status: number, code: string, message: string) => HttpResponse;
}

/** Puts the HTTP kinds of fault in front of a service's handler. */
export function withFaults(handler: HttpHandler, options: FaultyService): HttpHandler {
  return async (request, signal) => {
    const fault = options.faults.take(options.service, options.operationOf(request));
    switch (fault?.kind) {
      case 'error':
        return options.errorResponse(fault.status, fault.code, fault.message ?? 'This failure was asked for.');
      case 'answer':
        return {
          status: fault.status,
          body: fault.body,
          headers: { 'content-type': fault.contentType ?? 'text/html' },
        };
      case 'hang':
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new ConnectionCut();
      case 'cut':
        throw new ConnectionCut();
      case 'lose_answer':
        await handler(request, signal);
        throw new ConnectionCut();
      default:
        return handler(request, signal);
    }
  };
}
