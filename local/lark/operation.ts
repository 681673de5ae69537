import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import type { HttpRequest } from '../http/server.ts';
import { parseJson } from '../parse-json.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { LarkError } from './api-error.ts';
import type { Approvals } from './approvals.ts';
import type { CustomBots } from './custom-bots.ts';
import type { Messages } from './messages.ts';
import { type App, type Organisation, USER_ID_TYPES, type UserIdType } from './organisation.ts';
import type { RateLimit } from './rate-limits.ts';

/** A definition whose events the app asked for. */
export interface Subscribed {
  approval_code: string;
}

/** What operations work on. */
export interface World {
  clock: Clock;
  randomBytes: (n: number) => Buffer;
  organisation: Organisation;
  tokens: AccessTokens;
  approvals: Approvals;
  subscribed: Collection<Subscribed>;
  messages: Messages;
  customBots: CustomBots;
}

/** A request, whose it is, and what stands in the places of its path that begin with a colon. */
export interface Call {
  app: App;
  request: HttpRequest;
  path: Record<string, string>;
}

/** One call of the API. State is synchronous, so an answer is given in one go: no other call comes in between. */
export interface Operation {
  /** As fault rules name it. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind `/open-apis/`, as the vendor writes it. */
  path: string;
  /** Absent: none is documented. */
  limit?: RateLimit;
  /** Whether the tenant's token must come with the call. */
  needsToken: boolean;
  /** Of these scopes the app needs one, where the organisation asks for them. */
  scopes?: readonly string[];
  /** What a successful answer holds beside `code` and `msg`. Throws a LarkError. */
  answer: (world: World, call: Call) => { msg?: string; [field: string]: unknown };
}

/** The JSON body of a call, or what `refuse` makes of the first field that is wrong. */
export function parseBody<T>({ request }: Call, schema: z.ZodType<T>, refuse: (detail: string) => LarkError): T {
  const text = request.body.toString('utf8');
  const parsed = parseJson(schema, text);
  if (parsed === undefined) throw refuse(firstFault(schema, text));
  return parsed;
}

function firstFault(schema: z.ZodType, text: string): string {
  try {
    const [issue] = schema.safeParse(JSON.parse(text)).error?.issues ?? [];
    return issue ? `${issue.path.join('.')}: ${issue.message}` : 'body';
  } catch {
    return 'the body is no JSON';
  }
}

/** The query's `user_id_type`, open_id where there is none; undefined for one that does not exist. */
export function userIdType({ request }: Call): UserIdType | undefined {
  const given = request.query.get('user_id_type') || 'open_id';
  return USER_ID_TYPES.find((type) => type === given);
}

/** One page of a list; the token is the place of its first item. Undefined for paging that makes no sense. */
export function pageOf<T>(items: T[], { request }: Call, sizes: { default: number; max: number }) {
  const size = Number(request.query.get('page_size') || sizes.default);
  const start = Number(request.query.get('page_token') || 0);
  if (!Number.isInteger(size) || size < 1 || size > sizes.max || !Number.isInteger(start) || start < 0)
    return undefined;
  const has_more = start + size < items.length;
  return {
    page: items.slice(start, start + size),
    rest: { has_more, ...(has_more ? { page_token: String(start + size) } : {}) },
  };
}
