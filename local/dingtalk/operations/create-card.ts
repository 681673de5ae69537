import { z } from 'zod';
import type { HttpRequest } from '../../http/server.ts';
import { cardError, PrivateDataSchema, readCardData } from '../card-data.ts';
import { checkDeliverModels } from '../card-delivery.ts';
import { admittedBy, type CardSpace, parseOpenSpaceId, type SpaceModels, SpaceModelsSchema } from '../card-spaces.ts';
import type { NewCard } from '../cards.ts';
import { type Operation, parseBody, type Refusals } from '../operation.ts';
import { findUser, type Organisation } from '../organisation.ts';

const MAX_ID_LENGTH = 100;

const BodySchema = z.object({
  outTrackId: z.string().min(1),
  cardTemplateId: z.string().min(1),
  cardData: z.looseObject({}),
  openSpaceId: z.string().min(1),
  userId: z.string().nullish(),
  callbackType: z.enum(['HTTP', 'STREAM']).nullish(),
  callbackRouteKey: z.string().nullish(),
  privateData: PrivateDataSchema.nullish(),
  userIdType: z.literal(1).nullish(),
  ...SpaceModelsSchema.shape,
});

const REFUSALS: Refusals = {
  outTrackId: refusal('param.outTrackIdEmpty'),
  cardTemplateId: refusal('param.cardTemplateIdEmpty'),
  cardData: refusal('param.cardPublicDataEmpty'),
  openSpaceId: refusal('param.openSpaceIdEmpty'),
  imGroupOpenSpaceModel: refusal('param.openSpaceModelInvalid'),
  imRobotOpenSpaceModel: refusal('param.openSpaceModelInvalid'),
  imGroupOpenDeliverModel: refusal('param.openDeliverModelError'),
  imRobotOpenDeliverModel: refusal('param.openDeliverModelError'),
  other: refusal('param.invalid'),
};

interface Call {
  card: NewCard;
  spaces: CardSpace[];
  models: SpaceModels;
}

/**
 * https://open.dingtalk.com/document/development/create-and-deliver-cards ; `success` at the top says that the card was
 * made, and each of `deliverResults` whether it arrived.
 */
export const createCard: Operation = {
  name: 'card/createAndDeliver',
  method: 'POST',
  path: '/v1.0/card/instances/createAndDeliver',
  pot: 'apiCalls',
  needsToken: true,
  answer({ organisation, cards, cardDelivery }, request) {
    const { card, spaces, models } = readCall(request, organisation);
    const { outTrackId } = card;
    if (cards.find(outTrackId)) throw cardError('param.cardAlreadyExist');
    if (!cards.create(card)) throw cardError('param.invalid');
    const deliverResults = cardDelivery.deliver(outTrackId, spaces, models, request.body.length);
    return { success: true, result: { outTrackId, deliverResults } };
  },
};

function readCall(request: HttpRequest, organisation: Organisation): Call {
  const body = parseBody(request, BodySchema, REFUSALS);
  const { outTrackId, cardTemplateId, privateData, callbackRouteKey, openSpaceId, cardData, userId } = body;
  if (outTrackId.length > MAX_ID_LENGTH) throw cardError('param.invalid');
  const values = readCardData(cardData);
  if (!values) throw cardError('param.empty');
  const spaces = parseOpenSpaceId(openSpaceId);
  if (!spaces) throw cardError('param.openSpaceIdInvalid');
  checkDeliverModels(spaces, body);
  checkPeople(organisation, [...(userId ? [userId] : []), ...Object.keys(privateData ?? {})]);
  if (!organisation.cardTemplates.includes(cardTemplateId)) throw cardError('param.templateNotExist');
  const callbackType = body.callbackType ?? 'HTTP';
  const admitted = admittedBy(body);
  const card = { outTrackId, cardTemplateId, callbackType, admitted, values, privateValues: privateData ?? {} };
  return { card: { ...card, ...(callbackRouteKey ? { callbackRouteKey } : {}) }, spaces, models: body };
}

/** Throws a NewApiError if somebody is no member. */
export function checkPeople(organisation: Organisation, userIds: string[]): void {
  if (!userIds.every((userId) => findUser(organisation, userId))) throw cardError('param.userIdNotExist');
}

function refusal(code: string): [code: string, message: string] {
  return [code, code];
}
