import { PRESS_KINDS } from '../../shared/events.ts';
import type { RenderOptions, RequestMessage } from '../../shared/message/render-request.ts';
import type { Channel, Messenger } from '../../shared/platforms/platform.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** How this workflow's messages are written on this channel. */
export function renderOptionsOf(
  { workflows }: Workflows,
  workflow: string,
  messenger: Messenger,
  { maxBytes, hasButtons }: Pick<Channel, 'maxBytes' | 'hasButtons'>,
): RenderOptions {
  const { language = 'zh-CN', time_zone: timeZone = 'Asia/Shanghai' } = workflows[workflow] ?? {};
  const { buttons } = workflows[workflow] ?? {};
  const kinds = PRESS_KINDS.filter((what) => buttons?.[what]);
  const base = { language, timeZone, escape: messenger.escape, maxBytes };
  return kinds.length === 0 ? base : { ...base, buttons: { kinds, pressable: hasButtons === true } };
}

/** What the workflow is called; one that is not there any more has its name left. */
export function titleOf({ workflows }: Workflows, workflow: string): string {
  return workflows[workflow]?.title ?? workflow;
}

const DIGEST_LENGTH = 12;

/** The end of the journal so far, short enough to be read aloud. */
export function digestOf(lastSha256: string | null): Pick<RequestMessage, 'digest'> {
  return lastSha256 === null ? {} : { digest: lastSha256.slice(0, DIGEST_LENGTH) };
}
