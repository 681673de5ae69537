import * as z from 'zod/mini';
import type { Clock } from '../clock.ts';
import { TransientError } from '../errors.ts';
import { sha256Hex } from '../ids.ts';
import { parseJson } from '../json.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * DingTalk lets a robot send 20 messages a minute and silences it for ten when it sends more
 * (https://open.dingtalk.com/document/robots/custom-robot-access). The last slots are for final messages.
 */
const SLOTS = { final: 20, progress: 15 } as const;
export type MessageKind = keyof typeof SLOTS;

/** A minute, and what a message may need until the chat has it: the time-outs of the store's answer and of the chat's. */
const HELD_MS = 60_000 + 10_000;
/** Clocks of instances are not that far apart: such a time is from before the clock was set back, and says nothing. */
const MAX_AHEAD_MS = 10 * 60_000;
/** Each further try means that somebody else has got a slot meanwhile. */
const TRIES = SLOTS.final + 1;

const slotSchema = z.object({ at: z.number() });

/** The right to send one message to a chat, of which there are so many in any minute, across all instances. */
export interface Slots {
  /** Rejects with a TransientError when the chat has had its messages. */
  take(channel: string, kind: MessageKind): Promise<void>;
}

/**
 * The messages of a chat are numbered, `sends/<hash of the channel>/<n>` with the time in it, and each number is
 * created once. Number n may be taken when n - 20 is old enough: of every twentieth number, any minute has one at most.
 * Numbers before the last 20 say nothing any more.
 */
export function createSlots({ work, clock }: { work: ObjectStore; clock: Clock }): Slots {
  return {
    async take(channel, kind) {
      const prefix = `sends/${sha256Hex(channel).slice(0, 16)}/`;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const keys = await work.list(prefix);
        const [before] = await Promise.all([
          timeOf(keys.at(-SLOTS[kind])),
          ...keys.slice(0, -SLOTS.final).map((key) => work.delete(key)),
        ]);
        const now = clock.now();
        if (now < before + HELD_MS) break;
        const number = Number(keys.at(-1)?.slice(prefix.length) ?? 0) + 1;
        const body = Buffer.from(JSON.stringify({ at: now }));
        if ((await work.createIfAbsent(prefix + String(number).padStart(9, '0'), body)) === 'created') return;
      }
      throw new TransientError('chat.full', `the chat has had its ${SLOTS[kind]} messages of this minute`);
    },
  };

  /** When this number was taken: long ago, where it does not exist or was removed since it was listed. */
  async function timeOf(key: string | undefined): Promise<number> {
    const body = key === undefined ? undefined : await work.get(key);
    const slot = slotSchema.safeParse(body && parseJson(body));
    return slot.success && slot.data.at < clock.now() + MAX_AHEAD_MS ? slot.data.at : 0;
  }
}
