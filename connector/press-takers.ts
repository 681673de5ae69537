import type { TakePress } from '../functions/ingest/take-press.ts';
import type { PlatformName } from '../shared/ids.ts';
import * as dingtalk from '../shared/platforms/dingtalk/card-press.ts';
import * as lark from '../shared/platforms/lark/card-press.ts';
import { readEnvelope } from '../shared/platforms/lark/envelope.ts';
import { type ApprovalReader, findByName, type Press, type PressAnswer } from '../shared/platforms/platform.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { CallbackTakers, TakeCallback } from './answer-callback.ts';

/** Takes presses on cards as ingest does; none where no workflow has buttons, so that another process may have them. */
export function createPressTakers(options: {
  workflows: Workflows;
  sources: readonly ApprovalReader[];
  takePress: TakePress;
}): CallbackTakers {
  const { workflows, sources, takePress } = options;
  if (!Object.values(workflows.workflows).some(({ buttons }) => buttons)) return {};
  const taker =
    (
      platform: PlatformName,
      read: (data: unknown) => Press | { reason: string },
      reply: (answer: PressAnswer) => object,
    ): TakeCallback =>
    async ({ data }, deadline) => {
      const press = read(data);
      return 'reason' in press ? undefined : reply(await takePress(platform, press, deadline));
    };
  const corpId = () => findByName(sources, 'dingtalk').tenant;
  return {
    [dingtalk.CARD_TOPIC]: taker('dingtalk', (data) => dingtalk.readPress(data, corpId()), dingtalk.pressReply),
    [lark.CARD_ACTION]: taker('lark', (data) => lark.readPress(readEnvelope(data)?.event), lark.pressReply),
  };
}
