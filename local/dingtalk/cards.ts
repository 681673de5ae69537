import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Collection } from '../collection.ts';
import { type CardChange, type CardValues, changeValues } from './card-data.ts';
import { SPACE_TYPES } from './card-spaces.ts';
import type { ShownCard } from './chat-message.ts';

const ValuesSchema = z.record(z.string(), z.string());

/** A card as it is stored. */
export const CardSchema = z.object({
  outTrackId: z.string(),
  cardTemplateId: z.string(),
  callbackType: z.enum(['HTTP', 'STREAM']),
  callbackRouteKey: z.string().optional(),
  /** The kinds of places where it may be. */
  admitted: z.array(z.enum(SPACE_TYPES)).default([...SPACE_TYPES]),
  /** Where it was delivered. */
  spaces: z.array(z.object({ spaceType: z.enum(SPACE_TYPES), spaceId: z.string() })),
  privateValues: z.record(z.string(), ValuesSchema),
  /** Its states, the present one last. */
  history: z
    .array(z.object({ time: z.number(), by: z.enum(['create', 'update', 'callback']), values: ValuesSchema }))
    .min(1),
});
export type Card = z.output<typeof CardSchema>;

/** What a caller chooses for a new card. */
export type NewCard = Pick<Card, 'outTrackId' | 'cardTemplateId' | 'callbackType' | 'callbackRouteKey' | 'admitted'> & {
  values: CardValues;
  privateValues: Record<string, CardValues>;
};

export interface Cards {
  find(outTrackId: string): Card | undefined;
  /** False, and nothing done, if it has too many values. */
  create(card: NewCard): boolean;
  delivered(outTrackId: string, space: Card['spaces'][number]): void;
  /** False, and nothing done, if there is no such card or it would have too many values. */
  change(outTrackId: string, change: CardChange, by: 'update' | 'callback'): boolean;
}

export function createCards({ clock, cards }: { clock: Clock; cards: Collection<Card> }): Cards {
  return {
    find: (outTrackId) => cards.get(outTrackId),
    create({ values, privateValues, ...card }) {
      if (!changeValues({}, values, false) || !changePrivate({}, privateValues, false)) return false;
      cards.put({ ...card, privateValues, spaces: [], history: [{ time: clock.now(), by: 'create', values }] });
      return true;
    },
    delivered(outTrackId, space) {
      const card = cards.get(outTrackId);
      if (card) cards.put({ ...card, spaces: [...card.spaces, space] });
    },
    change(outTrackId, change, by) {
      const card = cards.get(outTrackId);
      if (!card) return false;
      const values = changeValues(presentValues(card), change.values, change.byKey);
      const privateValues = changePrivate(card.privateValues, change.privateValues, change.privateByKey);
      if (!values || !privateValues) return false;
      cards.put({ ...card, privateValues, history: [...card.history, { time: clock.now(), by, values }] });
      return true;
    },
  };
}

/** The card with its present values. */
export function shownCard(card: Card): ShownCard {
  const { outTrackId, cardTemplateId, privateValues, history } = card;
  return {
    outTrackId,
    cardTemplateId,
    values: presentValues(card),
    privateValues,
    updates: history.length - 1,
    history,
  };
}

function presentValues({ history }: Card): CardValues {
  return history.at(-1)?.values ?? {};
}

function changePrivate(
  before: Record<string, CardValues>,
  change: Record<string, CardValues> | undefined,
  byKey: boolean | null | undefined,
): Record<string, CardValues> | undefined {
  const after = { ...before };
  for (const [userId, values] of Object.entries(change ?? {})) {
    const changed = changeValues(before[userId] ?? {}, values, byKey);
    if (!changed) return undefined;
    after[userId] = changed;
  }
  return after;
}
