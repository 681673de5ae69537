import * as z from 'zod';
import { type Caller, type Callers, createCallers } from './callers.ts';
import { ConnectionCut, type HttpHandler, type HttpRequest, type HttpResponse } from './http/server.ts';

export const SERVICES = ['event-bridge', 'ecs', 'oss', 'fc', 'sls', 'kms', 'dingtalk', 'lark'] as const;
export type ServiceName = (typeof SERVICES)[number];

/**
 * Misbehaviour by name. The HTTP kinds work for every service: `error` answers in the service's own error shape,
 * `answer` sends literally what it is given (HTML, an error inside HTTP 200, half a JSON text), `hang` never answers,
 * `cut` closes the connection before anything happens, `lose_answer` does the work and then closes the connection,
 * `crash` kills the function's process that calls, before the work or after it, and no answer arrives.
 * `drop`, `double`, `delay` and `corrupt` are for what a service delivers by itself (events, callbacks).
 */
const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('error'), status: z.int(), code: z.string(), message: z.string().optional() }),
  z.strictObject({ kind: z.literal('answer'), status: z.int(), body: z.string(), contentType: z.string().optional() }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('lose_answer') }),
  z.strictObject({ kind: z.literal('crash'), when: z.enum(['before', 'after']) }),
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('double') }),
  z.strictObject({ kind: z.literal('delay'), ms: z.number() }),
  z.strictObject({ kind: z.literal('corrupt') }),
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

/** A call at a service's HTTP door. */
export interface DoorCall {
  service: ServiceName;
  operation: string;
  request: HttpRequest;
  /** The function's process that calls, found by its connection; undefined for anybody else. */
  caller(): Promise<Caller | undefined>;
}

/** Sees everything that happens in the cloud and decides what it meets; where it says nothing the rules decide. */
export interface FaultSource {
  /** A call, before it is handled. */
  onCall(call: DoorCall): Fault | undefined | Promise<Fault | undefined>;
  /** What a service does by itself: `deliver`, `push`, `invoke:<function>` with the bytes that the function gets. */
  onDeed(service: ServiceName, deed: string, payload?: Buffer): Fault | undefined;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** Puts `gate` before everything else: a call that it refuses is not made. */
  guard(gate: (call: DoorCall) => Fault | undefined): void;
  /** Puts `source` before the rules; undefined takes it away again. */
  use(source: FaultSource | undefined): void;
  /** The fault that a deed of a service meets, if any; each hit uses up one of a rule's times. */
  take(service: ServiceName, deed: string, payload?: Buffer): Fault | undefined;
  /** The same for a call at an HTTP door. */
  meet(call: DoorCall): Promise<Fault | undefined>;
  callers: Callers;
}

export function createFaults(callers: Callers = createCallers()): Faults {
  let rules: { rule: FaultRule; left: number }[] = [];
  let source: FaultSource | undefined;
  let refusalOf: (call: DoorCall) => Fault | undefined = () => undefined;
  const byRule = (service: ServiceName, operation: string): Fault | undefined => {
    const hit = rules.find(
      ({ rule, left }) => left > 0 && rule.service === service && (rule.operation ?? operation) === operation,
    );
    if (!hit) return undefined;
    hit.left -= 1;
    return hit.rule.fault;
  };
  return {
    callers,
    add: (rule) => void rules.push({ rule, left: rule.times ?? 1 }),
    clear: () => {
      rules = [];
    },
    guard: (gate) => {
      refusalOf = gate;
    },
    use: (next) => {
      source = next;
    },
    take: (service, deed, payload) => source?.onDeed(service, deed, payload) ?? byRule(service, deed),
    meet: async (call) => refusalOf(call) ?? (await source?.onCall(call)) ?? byRule(call.service, call.operation),
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
  const { service, faults } = options;
  return async (request, signal) => {
    const caller = () => faults.callers.find(request.connection);
    const fault = await faults.meet({ service, operation: options.operationOf(request), request, caller });
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
      case 'crash': {
        const process = await caller();
        if (fault.when === 'after') await handler(request, signal);
        await process?.kill();
        throw new ConnectionCut();
      }
      default:
        return handler(request, signal);
    }
  };
}
