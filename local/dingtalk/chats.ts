import { join } from 'node:path';
import { openCollection } from '../collection.ts';
import { createAppCallbacks, type StreamCalls } from './app-callbacks.ts';
import { createAppRobot } from './app-robot.ts';
import { type BotMessages, createBotMessages } from './bot-messages.ts';
import { createCardDelivery } from './card-delivery.ts';
import { type CardPresses, CardRouteSchema, createCardPresses } from './card-presses.ts';
import { CardSchema, type Cards, createCards, shownCard } from './cards.ts';
import { type ChatMessage, ChatMessageSchema, type StoredMessage } from './chat-message.ts';
import type { DingtalkOptions } from './dingtalk.ts';
import { createMessageBoard } from './message-board.ts';
import type { World } from './operation.ts';
import type { Organisation } from './organisation.ts';
import type { Quota } from './quota.ts';
import { createRobots } from './robots.ts';

/** What happens in chats: robots of both kinds, cards, and what people do there. */
export interface Chats {
  world: Pick<World, 'robots' | 'appRobot' | 'botMessages' | 'cards' | 'cardDelivery' | 'cardRoutes'>;
  messages(): ChatMessage[];
  press: CardPresses['press'];
  bot: BotMessages;
  close(): Promise<void>;
}

export function createChats(
  options: Omit<DingtalkOptions, 'organisation'> & { organisation: Organisation; quota: Quota; stream: StreamCalls },
): Chats {
  const { clock, log, newId, directory, organisation } = options;
  const { messages, storedCards, cardRoutes } = openState(directory);
  const callbacks = createAppCallbacks(options);
  const board = createMessageBoard({ clock, log, newId, messages });
  const cards = createCards({ clock, cards: storedCards });
  const appRobot = createAppRobot({ clock, newId, organisation, board });
  const botMessages = createBotMessages({ ...options, appRobot, callbacks });
  return {
    world: {
      robots: createRobots({ clock, log, robots: organisation.robots, board }),
      appRobot,
      botMessages,
      cards,
      cardDelivery: createCardDelivery({ newId, organisation, appRobot, cards, board }),
      cardRoutes,
    },
    messages: () => board.all().map((message) => asShown(message, cards)),
    press: createCardPresses({ ...options, cards, routes: cardRoutes, callbacks }).press,
    bot: botMessages,
    close: callbacks.close,
  };
}

function openState(directory: string) {
  return {
    messages: openCollection({
      directory: join(directory, 'messages'),
      schema: ChatMessageSchema,
      idOf: (message) => message.id,
    }),
    storedCards: openCollection({
      directory: join(directory, 'cards'),
      schema: CardSchema,
      idOf: (card) => card.outTrackId,
    }),
    cardRoutes: openCollection({
      directory: join(directory, 'card-callbacks'),
      schema: CardRouteSchema,
      idOf: (route) => route.callbackRouteKey,
    }),
  };
}

/** A card shows its present values. */
function asShown(message: StoredMessage, cards: Cards): ChatMessage {
  const card = message.outTrackId === undefined ? undefined : cards.find(message.outTrackId);
  if (!card) return message;
  const shown = shownCard(card);
  const { title = '', ...others } = shown.values;
  return { ...message, title, text: Object.values(others).join('\n'), card: shown };
}
