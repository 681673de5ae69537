import { type AppRobot, placeOfGroup, placeOfUser } from './app-robot.ts';
import { cardError } from './card-data.ts';
import { type CardSpace, modelsOf, type SpaceModels } from './card-spaces.ts';
import type { Cards } from './cards.ts';
import { type MessageContent, NOBODY_CALLED, type Place } from './chat-message.ts';
import type { MessageBoard } from './message-board.ts';
import { findUser, type Organisation } from './organisation.ts';

export interface DeliverResult {
  spaceType: string;
  spaceId: string;
  success: boolean;
  carrierId: string;
  errorMsg: string;
}

export interface CardDelivery {
  /** Shows a card in each place that takes it, once more where it is already. */
  deliver(outTrackId: string, spaces: CardSpace[], models: SpaceModels, bytes: number): DeliverResult[];
}

export function createCardDelivery(tools: {
  newId: () => string;
  organisation: Organisation;
  appRobot: AppRobot;
  cards: Cards;
  board: MessageBoard;
}): CardDelivery {
  const { newId, appRobot, cards, board } = tools;
  return {
    deliver(outTrackId, spaces, models, bytes) {
      const admitted = cards.find(outTrackId)?.admitted ?? [];
      if (spaces.some(({ spaceType }) => !admitted.includes(spaceType))) return [NO_SPACES];
      return spaces.map(({ spaceType, spaceId }) => {
        const place = placeOf({ spaceType, spaceId }, models, tools);
        if (typeof place === 'string') return { spaceType, spaceId, success: false, carrierId: '', errorMsg: place };
        const carrierId = newId();
        cards.delivered(outTrackId, { spaceType, spaceId });
        const message = { kind: 'card', robot: appRobot.code, outTrackId, processQueryKey: carrierId } as const;
        board.show({ ...EMPTY, ...place, ...message }, bytes);
        return { spaceType, spaceId, success: true, carrierId, errorMsg: '' };
      });
    },
  };
}

/** Every place of a card must be one of which the call says how the card gets there. */
export function checkDeliverModels(spaces: CardSpace[], models: SpaceModels): void {
  if (spaces.some(({ spaceType }) => !modelsOf(models, spaceType).deliver))
    throw cardError('param.openDeliverModelEmpty');
}

/** What the service answers where the card was not made for the place. */
const NO_SPACES: DeliverResult = {
  spaceType: 'IM',
  spaceId: 'IM_ALL',
  success: false,
  carrierId: '',
  errorMsg: 'spaces of card is empty',
};

const EMPTY: MessageContent = { msgtype: 'card', title: '', text: '', buttons: [], at: NOBODY_CALLED };

/** The chat, or why the card cannot get there. */
function placeOf(
  { spaceType, spaceId }: CardSpace,
  models: SpaceModels,
  { appRobot, organisation }: { appRobot: AppRobot; organisation: Organisation },
): Place | string {
  const robotCode = modelsOf(models, spaceType).deliver?.robotCode ?? appRobot.code;
  if (robotCode !== appRobot.code) return 'invalidParameter.robotCode.notExsit';
  if (spaceType === 'IM_ROBOT') {
    const user = findUser(organisation, spaceId);
    return user?.active ? placeOfUser(user) : 'staffId.notExisted';
  }
  const entered = appRobot.enter(spaceId);
  return 'refusal' in entered ? entered.refusal[0] : placeOfGroup(entered.group);
}
