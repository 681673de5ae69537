import { z } from 'zod';
import { cardError, PrivateDataSchema, readCardData, UpdateOptionsSchema } from '../card-data.ts';
import { type Operation, parseBody } from '../operation.ts';
import { checkPeople } from './create-card.ts';

const BodySchema = z.object({
  outTrackId: z.string().min(1),
  cardData: z.unknown().optional(),
  privateData: PrivateDataSchema.nullish(),
  cardUpdateOptions: UpdateOptionsSchema.nullish(),
  userIdType: z.literal(1).nullish(),
});

/** https://open.dingtalk.com/document/development/interactive-card-update-interface ; the last call wins, whatever it carries. */
export const updateCard: Operation = {
  name: 'card/update',
  method: 'PUT',
  path: '/v1.0/card/instances',
  pot: 'apiCalls',
  needsToken: true,
  answer({ organisation, cards }, request) {
    const { outTrackId, cardData, privateData, cardUpdateOptions } = parseBody(request, BodySchema, {
      outTrackId: ['param.outTrackIdEmpty', 'param.outTrackIdEmpty'],
      other: ['param.invalid', 'param.invalid'],
    });
    const values = readCardData(cardData);
    const people = Object.keys(privateData ?? {});
    if (!values && people.length === 0) throw cardError('param.cardDataAndPrivateDataBothEmpty');
    checkPeople(organisation, people);
    if (!cards.find(outTrackId)) throw cardError('param.cardNotExist');
    const change = {
      values,
      privateValues: privateData ?? undefined,
      byKey: cardUpdateOptions?.updateCardDataByKey,
      privateByKey: cardUpdateOptions?.updatePrivateDataByKey,
    };
    if (!cards.change(outTrackId, change, 'update')) throw cardError('param.invalid');
    return { success: true, result: true };
  },
};
