import * as z from 'zod/mini';
import { PermanentError } from '../../errors.ts';
import { PRESS_KINDS } from '../../events.ts';
import { headBytes, tailBytes } from '../../message/neutralise.ts';
import type { OutgoingMessage } from '../../message/outgoing-message.ts';
import type { Channel } from '../platform.ts';
import { REQUEST_ID } from './card-press.ts';
import { labelOf, PARAGRAPHS } from './card-variables.ts';
import type { DingtalkClient } from './client.ts';

/** https://open.dingtalk.com/document/development/instructions-for-filling-in-api-card-data */
const MAX_VALUE_BYTES = 1024;
/** All the values together; the platform takes 100 KB, people read less. */
const MAX_BYTES = 5 * MAX_VALUE_BYTES;
/** The free edition has 5,000 calls a month: a request posts its card, and changes it three times at most. */
const MAX_UPDATES = 3;

const resultsSchema = z.array(z.object({ success: z.boolean() }));
type Results = z.infer<typeof resultsSchema>;
const createdSchema = z.object({ result: z.object({ deliverResults: z.optional(z.nullable(resultsSchema)) }) });
const deliveredSchema = z.object({ result: resultsSchema });
/** HTTP 200 may carry a failure. */
const updatedSchema = z.object({ success: z.optional(z.union([z.literal(true), z.literal('true')])) });

/**
 * An interactive card in a group, made from the template that docs/dingtalk.md describes. Its id is ours, so that a card which
 * is made again is the same one. That it exists does not say that the group has it: that is known from `deliverResults` alone,
 * and one whose answer was lost is delivered again. So the group sees the one card once more for each lost answer, and all of
 * them change together. What it shows then is what it was made with: a late process that brings it to the group again must
 * not change what another one has shown meanwhile.
 * https://open.dingtalk.com/document/development/create-and-deliver-cards
 * https://open.dingtalk.com/document/development/delivery-card-interface
 */
export function groupCard(
  client: DingtalkClient,
  group: { robotCode: string; conversation: string; template: string; route: string | undefined },
): Channel {
  async function update(outTrackId: string, message: OutgoingMessage): Promise<void> {
    const body = { outTrackId, cardData: { cardParamMap: paramsOf(message) } };
    await client.call({ method: 'PUT', path: '/v1.0/card/instances', body }, updatedSchema);
  }

  const place = {
    openSpaceId: `dtv1.card//IM_GROUP.${group.conversation}`,
    imGroupOpenDeliverModel: { robotCode: group.robotCode },
  };

  /** Undefined where the answer says nothing of the group: an earlier call has made the card. */
  async function create(message: OutgoingMessage): Promise<Results | undefined> {
    const body = {
      cardTemplateId: group.template,
      outTrackId: message.idempotencyKey,
      cardData: { cardParamMap: paramsOf(message) },
      ...place,
      imGroupOpenSpaceModel: { supportForward: false },
      ...(message.buttons && callbackOf(group.route)),
    };
    const request = { method: 'POST', path: '/v1.0/card/instances/createAndDeliver', body } as const;
    try {
      const { deliverResults } = (await client.call(request, createdSchema)).result;
      return deliverResults?.length ? deliverResults : undefined;
    } catch (error) {
      if (error instanceof PermanentError && error.code === 'dingtalk.param.cardAlreadyExist') return undefined;
      throw error;
    }
  }

  async function deliver(outTrackId: string): Promise<Results> {
    const body = { outTrackId, ...place };
    return (await client.call({ method: 'POST', path: '/v1.0/card/instances/deliver', body }, deliveredSchema)).result;
  }

  async function post(message: OutgoingMessage): Promise<string> {
    const id = message.idempotencyKey;
    const results = (await create(message)) ?? (await deliver(id));
    if (results.length > 0 && results.every(({ success }) => success)) return id;
    throw new PermanentError(
      'dingtalk.card_not_delivered',
      'DingTalk made the card but could not deliver it to the group',
    );
  }

  return { maxBytes: MAX_BYTES, maxUpdates: MAX_UPDATES, isLimited: false, hasButtons: true, post, update };
}

/** Every value is text of at most 1 KB; a longer one is cut at a line. */
function paramsOf({ title, tone, blocks, buttons }: OutgoingMessage): Record<string, string> {
  const named = Object.fromEntries(
    blocks.map(({ name, text }) => [name, name === 'output' ? cutHead(text) : cut(text)]),
  );
  const none = Object.fromEntries(PARAGRAPHS.map(({ name }) => [name, '']));
  return { ...none, ...named, title: cut(title), tone, ...labelsOf(buttons) };
}

/** A button whose label is empty is not shown. A template without buttons has none of these variables. */
function labelsOf(buttons: OutgoingMessage['buttons']): Record<string, string> {
  if (!buttons) return {};
  const labels = buttons.map(({ what, label }) => [labelOf(what), label]);
  const none = Object.fromEntries(PRESS_KINDS.map((what) => [labelOf(what), '']));
  return { ...none, ...Object.fromEntries(labels), [REQUEST_ID]: buttons[0]?.requestId ?? '' };
}

/** Where presses go: to the address of this key, or without one to whoever is connected in Stream mode. */
function callbackOf(route: string | undefined): Record<string, string> {
  return route === undefined ? { callbackType: 'STREAM' } : { callbackType: 'HTTP', callbackRouteKey: route };
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= MAX_VALUE_BYTES) return text;
  const head = headBytes(text, MAX_VALUE_BYTES - 4);
  const line = head.lastIndexOf('\n');
  return `${line > 0 ? head.slice(0, line) : head}\n…`;
}

/** Of an output the end counts: that is where the error stands. */
function cutHead(text: string): string {
  if (Buffer.byteLength(text) <= MAX_VALUE_BYTES) return text;
  const tail = tailBytes(Buffer.from(text), MAX_VALUE_BYTES - 4);
  const line = tail.indexOf('\n');
  return `…\n${line >= 0 ? tail.slice(line + 1) : tail}`;
}
