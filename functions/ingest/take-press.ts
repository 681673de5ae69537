import type { ProvisionRequest } from '../../shared/events.ts';
import { type PlatformName, parseRequestId } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { headBytes } from '../../shared/message/neutralise.ts';
import { findByName, type Press, type PressAnswer } from '../../shared/platforms/platform.ts';
import { pendingPress, pressedAttempt, reopeningMarker } from '../../shared/request/presses.ts';
import { type FactOf, findFact } from '../../shared/request/records.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import type { IngestOptions } from './ingest-options.ts';
import { judgePress } from './judge-press.ts';
import { mayPress } from './may-press.ts';
import { PRESS_TEXTS } from './press-texts.ts';
import { acceptUntil, type TakeHintOptions } from './take-hint.ts';

/** Resolves once the press is durable, or known to ask for nothing; rejects if it could not be made durable. */
export type TakePress = (platform: PlatformName, press: Press, deadline: AbortSignal) => Promise<PressAnswer>;

/**
 * What follows once a press is known to be the platform's own: whether this person may, by the accepted record and the
 * workflow, and whether it is the first. Then it stands in the chain, from which the functions whose step it is take it.
 */
export function createTakePress(options: IngestOptions & Pick<TakeHintOptions, 'accept'>): TakePress {
  const { journal, workflows, log } = options;
  return async (platform, press, deadline) => {
    const { requestId, what, operator } = press;
    const about = { request_id: requestId, button: what, operator };
    const refuse = (text: string): PressAnswer => {
      log.warn('press refused', { ...about, reason: text });
      return { kind: 'refused', text };
    };
    // An id of one platform says nothing on another.
    const chain = parseRequestId(requestId)?.platform === platform ? await journal.read(requestId) : undefined;
    const request = chain && findFact(chain.facts, 'accepted')?.request;
    const language = (request && workflows.workflows[request.workflow]?.language) ?? 'zh-CN';
    const texts = PRESS_TEXTS[language];
    if (!chain || !request) return refuse(texts.unknown);
    if (!mayPress(workflows, request, what, operator)) return refuse(texts.notAllowed);
    const written = await write(chain, request, press, language, deadline, options);
    if ('why' in written) {
      // Whoever took the press before may have died before anything came of it.
      const before = pendingPress(written.chain.facts, [what]);
      if (before) await goOn({ chain: written.chain, fact: before }, options, { language, deadline });
      return refuse(written.why);
    }
    log.info('pressed', about);
    await goOn(written, options, { language, deadline });
    return { kind: 'taken', text: texts.taken[what] };
  };
}

interface Written {
  chain: Chain;
  fact: FactOf<'pressed'>;
}

/** Writes the press unless somebody was first; whatever else is written at the same moment only makes it one try more. */
async function write(
  read: Chain,
  request: ProvisionRequest,
  press: Press,
  language: Language,
  deadline: AbortSignal,
  options: IngestOptions,
): Promise<Written | { chain: Chain; why: string }> {
  const { journal, clock } = options;
  const { what, messageId: message } = press;
  const name = await nameOf(press.operator, request, deadline, options);
  for (let chain = read; ; ) {
    const why = await judgePress(chain, what, PRESS_TEXTS[language], options);
    if (why !== undefined) return { chain, why };
    const at = new Date(clock.now()).toISOString();
    const fact = { type: 'pressed', at, what, by: { id: press.operator, name }, message } as const;
    const { chain: next, won } = await journal.append(chain, fact);
    chain = next;
    if (won) return { chain, fact };
  }
}

const MAX_NAME_BYTES = 64;

/** People of the request are known by name; others are looked up, if there is time. */
async function nameOf(
  id: string,
  { platform, requester, approvers }: ProvisionRequest,
  deadline: AbortSignal,
  { sources }: IngestOptions,
): Promise<string> {
  const known = [requester, ...approvers].find((person) => person.id === id);
  return known?.name ?? headBytes(await findByName(sources, platform).personName(id, deadline), MAX_NAME_BYTES);
}

/** Sees to it that the sweep finds the request, wakes whose step it is, and begins the attempt that a retry asks for; what fails here the sweep does. */
async function goOn(
  { chain, fact }: Written,
  options: IngestOptions & Pick<TakeHintOptions, 'accept'>,
  { language, deadline }: { language: Language; deadline: AbortSignal },
): Promise<void> {
  const { markers, publish, clock, log } = options;
  const { what, by } = fact;
  const marker = reopeningMarker(chain.requestId, chain.facts, clock.now());
  if (marker) await markers.put(marker);
  const data = { request_id: chain.requestId, what, by };
  const told = publishHint(publish, { type: 'ProvisionPressed', source: 'approval-loop.ingest', data }, log);
  const attempt =
    what === 'retry' ? pressedAttempt(chain.requestId, chain.facts, fact, { language, now: clock.now() }) : undefined;
  if (attempt) {
    await markers.put(attempt);
    await acceptUntil(deadline, attempt.request_id, options);
  }
  await told;
}
