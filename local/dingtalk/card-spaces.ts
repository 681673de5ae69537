import { z } from 'zod';

/** Kinds of places; those that are not emulated are in no list here. */
export const SPACE_TYPES = ['IM_GROUP', 'IM_ROBOT'] as const;
const PREFIX = 'dtv1.card//';

export interface CardSpace {
  spaceType: (typeof SPACE_TYPES)[number];
  /** A group's openConversationId, or a userId. */
  spaceId: string;
}

/** For each kind of place: that the card may be there at all, and how it is delivered. */
export const SpaceModelsSchema = z.object({
  imGroupOpenSpaceModel: z.looseObject({ supportForward: z.boolean() }).nullish(),
  imGroupOpenDeliverModel: z.looseObject({ robotCode: z.string().min(1) }).nullish(),
  imRobotOpenSpaceModel: z.looseObject({ supportForward: z.boolean() }).nullish(),
  imRobotOpenDeliverModel: z.looseObject({ robotCode: z.string().min(1).nullish() }).nullish(),
});
export type SpaceModels = z.output<typeof SpaceModelsSchema>;

/**
 * `dtv1.card//IM_GROUP.<openConversationId>;IM_ROBOT.<userId>`, the kinds in either case; undefined for anything else.
 * https://open.dingtalk.com/document/development/create-and-deliver-cards
 */
export function parseOpenSpaceId(openSpaceId: string): CardSpace[] | undefined {
  if (!openSpaceId.startsWith(PREFIX)) return undefined;
  const parts = openSpaceId.slice(PREFIX.length).split(';');
  const spaces = parts.flatMap((part) => {
    const dot = part.indexOf('.');
    const spaceType = SPACE_TYPES.find((type) => type === part.slice(0, dot).toUpperCase());
    const spaceId = part.slice(dot + 1);
    return dot > 0 && spaceType && spaceId ? [{ spaceType, spaceId }] : [];
  });
  return spaces.length === parts.length ? spaces : undefined;
}

/** The kinds of places where a card that is made with these may be. */
export function admittedBy(models: SpaceModels): CardSpace['spaceType'][] {
  return SPACE_TYPES.filter((spaceType) => modelsOf(models, spaceType).space);
}

/** What a call says about one kind of place. */
export function modelsOf(models: SpaceModels, spaceType: CardSpace['spaceType']) {
  return spaceType === 'IM_GROUP'
    ? { space: models.imGroupOpenSpaceModel, deliver: models.imGroupOpenDeliverModel }
    : { space: models.imRobotOpenSpaceModel, deliver: models.imRobotOpenDeliverModel };
}
