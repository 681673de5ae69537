import type { Clock } from '../clock.ts';
import { TransientError } from '../errors.ts';
import { sha256Hex } from '../ids.ts';
import { takeNumber } from './numbers.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * DingTalk lets a robot send 20 messages a minute and silences it for ten when it sends more
 * (https://open.dingtalk.com/document/robots/custom-robot-access). The last slots are for final messages.
 */
const SLOTS = { final: 20, progress: 15 } as const;
export type MessageKind = keyof typeof SLOTS;

/** A minute, and what a message may need until the chat has it: the time-outs of the store's answer and of the chat's. */
const HELD_MS = 60_000 + 10_000;

/** The right to send one message to a chat, of which there are so many in any minute, across all instances. */
export interface Slots {
  /** Rejects with a TransientError when the chat has had its messages. */
  take(channel: string, kind: MessageKind): Promise<void>;
}

/** The messages of a chat are numbered, `sends/<hash of the channel>/<n>`. */
export function createSlots({ work, clock }: { work: ObjectStore; clock: Clock }): Slots {
  return {
    async take(channel, kind) {
      const prefix = `sends/${sha256Hex(channel).slice(0, 16)}/`;
      const window = { prefix, most: SLOTS[kind], kept: SLOTS.final, heldMs: HELD_MS };
      if ((await takeNumber({ work, clock }, window)) === undefined)
        throw new TransientError('chat.full', `the chat has had its ${SLOTS[kind]} messages of this minute`);
    },
  };
}
