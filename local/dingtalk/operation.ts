import type { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import type { HttpRequest } from '../http/server.ts';
import type { AccessTokens } from './access-tokens.ts';
import { NewApiError } from './api-errors.ts';
import type { AppRobot } from './app-robot.ts';
import type { Approvals } from './approvals.ts';
import type { BotMessages } from './bot-messages.ts';
import type { CardDelivery } from './card-delivery.ts';
import type { CardRoute } from './card-presses.ts';
import type { Cards } from './cards.ts';
import type { Organisation } from './organisation.ts';
import type { Pushes } from './pushes.ts';
import type { QuotaPot } from './quota.ts';
import type { Robots } from './robots.ts';

/** What operations work on. */
export interface World {
  clock: Clock;
  organisation: Organisation;
  tokens: AccessTokens;
  approvals: Approvals;
  robots: Robots;
  appRobot: AppRobot;
  botMessages: BotMessages;
  cards: Cards;
  cardDelivery: CardDelivery;
  cardRoutes: Collection<CardRoute>;
  pushes: Pushes;
}

/** One call of the API. State is synchronous, so an answer is given in one go: no other call comes in between. */
export interface Operation {
  /** As fault rules name it. */
  name: string;
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  pot: QuotaPot;
  /** Whether the app's access token must come with the call. */
  needsToken: boolean;
  /** What the app must have been granted. */
  permission?: string;
  /** The body of a successful answer (on the old API without `errcode`). Throws a NewApiError or an OldApiError. */
  answer: (world: World, request: HttpRequest) => object;
}

/** For each field that can be wrong the documented code and text; `other` for the rest. */
export type Refusals = Record<string, [code: string, message: string]> & { other: [code: string, message: string] };

/** The JSON body of a call of the new API; the first field that is wrong decides the error. */
export function parseBody<T>(request: HttpRequest, schema: z.ZodType<T>, refusals: Refusals): T {
  if (request.body.length === 0 || !isJson(request)) {
    throw new NewApiError('Missingbody', 'body is mandatory for this action.');
  }
  const parsed = schema.safeParse(jsonOf(request.body, refusals));
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0]);
  throw new NewApiError(...(refusals[field] ?? refusals.other));
}

export function isJson(request: HttpRequest): boolean {
  return (request.headers['content-type'] ?? '').toLowerCase().startsWith('application/json');
}

function jsonOf(body: Buffer, refusals: Refusals): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new NewApiError(...refusals.other);
  }
}
