import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import { parseJson } from '../parse-json.ts';
import { type AppCallbacks, type StreamCalls, signText } from './app-callbacks.ts';
import type { CallbackOutcome } from './callback-sender.ts';
import { readCardData, UpdateOptionsSchema } from './card-data.ts';
import type { Card, Cards } from './cards.ts';
import { findUser, type Organisation } from './organisation.ts';

/** https://open.dingtalk.com/document/development/event-callback-card */
const ANSWER_WITHIN_MS = 2_000;

const STREAM_TOPIC = '/v1.0/card/instances/callback';

/** Where the callbacks of cards go that name this key. */
export const CardRouteSchema = z.object({
  callbackRouteKey: z.string(),
  callbackUrl: z.string(),
  apiSecret: z.string().optional(),
});
export type CardRoute = z.output<typeof CardRouteSchema>;

const AnswerSchema = z.object({
  cardData: z.unknown().optional(),
  userPrivateData: z.unknown().optional(),
  cardUpdateOptions: UpdateOptionsSchema.nullish(),
});

export interface CardPresses {
  /**
   * Somebody presses a button. Resolves when the app has answered and the card shows it, or with what that person sees
   * fail; rejects if nobody could press it: no such card or person, or the card is not where that person is.
   */
  press(outTrackId: string, userId: string, actionId: string, params: object): Promise<CallbackOutcome>;
}

export function createCardPresses(tools: {
  clock: Clock;
  organisation: Organisation;
  cards: Cards;
  routes: Collection<CardRoute>;
  callbacks: AppCallbacks;
  stream: StreamCalls;
}): CardPresses {
  const { clock, organisation, cards, routes, callbacks, stream } = tools;
  return {
    async press(outTrackId, userId, actionId, params) {
      const card = pressable(cards.find(outTrackId), outTrackId, userId, organisation);
      const content = JSON.stringify({ cardPrivateData: { actionIds: [actionId], params } });
      const body = { type: 'actionCallback', outTrackId, corpId: organisation.corpId, userId, content };
      if (card.callbackType === 'STREAM') {
        const called = await stream.call(STREAM_TOPIC, body, ANSWER_WITHIN_MS);
        if ('reason' in called) return failed(called.reason);
        return apply(JSON.stringify(called.response) ?? '', { outTrackId, userId }, cards);
      }
      const route = routes.get(card.callbackRouteKey ?? '');
      if (!route) return failed(`no callback address is registered for the route key ${card.callbackRouteKey}`);
      const sent = await callbacks.send({
        deed: 'cardCallback',
        url: route.callbackUrl,
        headers: signatureOf(route, String(clock.now())),
        body,
        withinMs: ANSWER_WITHIN_MS,
      });
      if ('reason' in sent) return failed(sent.reason);
      return apply(sent.answer.body.toString('utf8'), { outTrackId, userId }, cards);
    },
  };
}

function pressable(card: Card | undefined, outTrackId: string, userId: string, organisation: Organisation): Card {
  if (!card) throw new Error(`there is no card ${outTrackId}`);
  if (!findUser(organisation, userId)) throw new Error(`there is no user ${userId}`);
  const seen = card.spaces.some(({ spaceType, spaceId }) => spaceType === 'IM_GROUP' || spaceId === userId);
  if (!seen) throw new Error(`${userId} does not see the card ${outTrackId}: it was not delivered there`);
  return card;
}

/** Only an address with a secret gets a signature. */
function signatureOf({ apiSecret }: CardRoute, timestamp: string): Record<string, string> {
  if (apiSecret === undefined) return {};
  return { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': signText(apiSecret, timestamp) };
}

/** An empty answer changes nothing. */
function apply(
  body: string,
  { outTrackId, userId }: { outTrackId: string; userId: string },
  cards: Cards,
): CallbackOutcome {
  if (body === '') return { accepted: true };
  const answer = parseJson(AnswerSchema, body);
  if (!answer) return failed('the answer is not JSON with cardData, userPrivateData and cardUpdateOptions');
  try {
    const values = readCardData(answer.cardData);
    const own = readCardData(answer.userPrivateData);
    if (!values && !own) return { accepted: true };
    const change = {
      values,
      privateValues: own && { [userId]: own },
      byKey: answer.cardUpdateOptions?.updateCardDataByKey,
      privateByKey: answer.cardUpdateOptions?.updatePrivateDataByKey,
    };
    if (cards.change(outTrackId, change, 'callback')) return { accepted: true };
  } catch {
    return failed('the answer has values that a card cannot show');
  }
  return failed('the answer has more values than a card can show');
}

function failed(reason: string): CallbackOutcome {
  return { accepted: false, reason };
}
