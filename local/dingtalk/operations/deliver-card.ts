import { z } from 'zod';
import { cardError } from '../card-data.ts';
import { checkDeliverModels } from '../card-delivery.ts';
import { parseOpenSpaceId, SpaceModelsSchema } from '../card-spaces.ts';
import { type Operation, parseBody } from '../operation.ts';

const BodySchema = z.object({
  outTrackId: z.string().min(1),
  openSpaceId: z.string().min(1),
  userIdType: z.literal(1).nullish(),
  ...SpaceModelsSchema.pick({ imGroupOpenDeliverModel: true, imRobotOpenDeliverModel: true }).shape,
});

/**
 * Brings a card that exists to places that it was made for: https://open.dingtalk.com/document/development/delivery-card-interface
 * `result` is the list itself here, and `success` at the top does not say that it arrived.
 */
export const deliverCard: Operation = {
  name: 'card/deliver',
  method: 'POST',
  path: '/v1.0/card/instances/deliver',
  pot: 'apiCalls',
  needsToken: true,
  answer({ cards, cardDelivery }, request) {
    const { outTrackId, openSpaceId, ...models } = parseBody(request, BodySchema, {
      outTrackId: ['param.outTrackIdEmpty', 'param.outTrackIdEmpty'],
      openSpaceId: ['param.openSpaceIdEmpty', 'param.openSpaceIdEmpty'],
      imGroupOpenDeliverModel: ['param.spaceDeliverModelEmpty', 'param.spaceDeliverModelError'],
      imRobotOpenDeliverModel: ['param.spaceDeliverModelEmpty', 'param.spaceDeliverModelError'],
      other: ['param.empty', 'param.empty'],
    });
    const spaces = parseOpenSpaceId(openSpaceId);
    if (!spaces) throw cardError('param.openSpaceIdInvalid');
    checkDeliverModels(spaces, models);
    if (!cards.find(outTrackId)) throw cardError('param.cardNotExist');
    return { success: true, result: cardDelivery.deliver(outTrackId, spaces, models, request.body.length) };
  },
};
