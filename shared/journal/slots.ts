import type { Clock } from '../clock.ts';
import { TransientError } from '../errors.ts';
import { sha256Hex } from '../ids.ts';
import type { ObjectStore } from './object-store.ts';

const MINUTE_MS = 60_000;

/**
 * DingTalk lets a robot send 20 messages a minute and silences it for ten when it sends more
 * (https://open.dingtalk.com/document/robots/custom-robot-access). The last slots are for final messages.
 */
const SLOTS = { final: 20, progress: 15 } as const;
export type MessageKind = keyof typeof SLOTS;

/** The right to send one message to a chat in this minute, across all instances of the function. */
export interface Slots {
  /** Rejects with a TransientError when the minute is full. */
  take(channel: string, kind: MessageKind): Promise<void>;
}

/** Slots as objects `slots/<hash of the channel>/<minute>/<n>`, each created once. */
export function createSlots({ work, clock }: { work: ObjectStore; clock: Clock }): Slots {
  return {
    async take(channel, kind) {
      const prefix = `slots/${sha256Hex(channel).slice(0, 16)}/`;
      const minute = Math.floor(clock.now() / MINUTE_MS);
      const keys = await work.list(prefix);
      const ofMinute = `${prefix}${minute}/`;
      const used = new Set(keys.filter((key) => key.startsWith(ofMinute)));
      // Only what is over: another instance may be in the next minute already.
      await forget(keys.filter((key) => key < ofMinute));
      for (let slot = 0; slot < SLOTS[kind]; slot += 1) {
        const key = ofMinute + String(slot).padStart(2, '0');
        if (!used.has(key) && (await work.createIfAbsent(key, Buffer.from('{}'))) === 'created') return;
      }
      throw new TransientError('chat.full', `the chat has had its ${SLOTS[kind]} messages of this minute`);
    },
  };

  async function forget(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => work.delete(key)));
  }
}
