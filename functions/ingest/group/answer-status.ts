import { isInstanceId, isRequestId, requestIdOf } from '../../../shared/ids.ts';
import type { Chain } from '../../../shared/journal/journal.ts';
import { readNotice } from '../../../shared/journal/notices.ts';
import type { KeptQuestion } from '../../../shared/journal/questions.ts';
import { fill } from '../../../shared/message/fill.ts';
import { STATE_TEXTS } from '../../../shared/message/state-texts.ts';
import { endOf } from '../../../shared/request/end-of.ts';
import { findFact } from '../../../shared/request/records.ts';
import { findWorkflow } from '../../../shared/workflows/lookups.ts';
import { type Group, type GroupOptions, quoted } from './group-options.ts';
import type { Command } from './read-command.ts';
import { ANSWERS } from './texts.ts';

const MAX_LISTED = 10;
const MAX_READ = 100;

/** How a request stands, or all that are under way here; `why` adds what has happened and when. */
export async function answerStatus(
  { kind, id }: Command & { kind: 'status' | 'why' },
  question: KeptQuestion,
  group: Group,
  options: GroupOptions,
): Promise<string> {
  if (id === undefined) return listOpen(group, options);
  const texts = ANSWERS[group.language];
  const unknown = fill(texts.unknownRequest, { id: quoted(id, 80) });
  const requestId = readId(id, question);
  if (requestId === undefined) return unknown;
  const chain = await options.journal.read(requestId);
  const origin = await options.origins.get(requestId);
  if (chain.facts.length === 0) {
    if (origin === undefined || origin.chat !== group.chat) return unknown;
    return fill(texts.status, { title: quoted(requestId), state: texts.pending, id: quoted(requestId) });
  }
  if (!isShownIn(group, chain)) return unknown;
  const line = await statusLine(chain, group, options);
  return kind === 'status' ? line : [line, ...historyLines(chain, group)].join('\n');
}

/** People write a request's id, or the approval's own. */
function readId(text: string, { platform }: KeptQuestion): string | undefined {
  if (isRequestId(text)) return text;
  return isInstanceId(text) ? requestIdOf(platform, text) : undefined;
}

async function listOpen(group: Group, options: GroupOptions): Promise<string> {
  const texts = ANSWERS[group.language];
  const lines: string[] = [];
  for (const requestId of await options.markers.list({ limit: MAX_READ })) {
    const marker = await options.markers.get(requestId);
    const name = marker && findWorkflow(options.workflows, marker.platform, marker.code)?.name;
    if (!group.offers.some((offer) => offer.name === name)) continue;
    lines.push(await statusLine(await options.journal.read(requestId), group, options));
    if (lines.length === MAX_LISTED) break;
  }
  return lines.length === 0 ? texts.nothingOpen : [texts.open, ...lines].join('\n');
}

/** A group sees the requests that may be asked for in it, wherever they came from. */
function isShownIn({ offers }: Group, { facts }: Chain): boolean {
  const name = workflowOf(facts);
  return offers.some((offer) => offer.name === name);
}

function workflowOf(facts: Chain['facts']): string | undefined {
  const accepted = findFact(facts, 'accepted')?.request.workflow;
  return accepted ?? findFact(facts, 'refused')?.workflow ?? findFact(facts, 'parked')?.workflow;
}

async function statusLine({ requestId, facts }: Chain, group: Group, options: GroupOptions): Promise<string> {
  const texts = ANSWERS[group.language];
  const workflow = options.workflows.workflows[workflowOf(facts) ?? ''];
  const subject = Object.values(findFact(facts, 'accepted')?.request.parameters ?? {})[0];
  const title = [workflow?.title ?? '', ...(subject === undefined ? [] : [quoted(subject, 64)])].join(' · ');
  return fill(texts.status, { title, state: await stateOf({ requestId, facts }, group, options), id: requestId });
}

async function stateOf(
  { requestId, facts }: Pick<Chain, 'requestId' | 'facts'>,
  { language }: Group,
  { work }: GroupOptions,
): Promise<string> {
  const end = endOf(facts);
  const { ends, progress, refusals } = STATE_TEXTS[language];
  if (end === 'Redirected') return ANSWERS[language].facts.redirected;
  const refusal = findFact(facts, 'refused')?.refusal;
  if (end !== undefined && refusal) {
    const values = Object.fromEntries(Object.entries(refusal.values).map(([name, value]) => [name, quoted(value)]));
    const reason = fill(refusals[refusal.code] ?? refusals.other, { code: refusal.code, ...values });
    return `${ends[end]}${STATE_TEXTS[language].separator}${reason}`;
  }
  if (end !== undefined) return ends[end];
  if (findFact(facts, 'dispatched')) return progress.running;
  const notice = await readNotice(work, requestId);
  if (notice?.kind === 'waiting') return fill(ANSWERS[language].waiting, { other: notice.for });
  return progress[notice?.kind ?? 'accepted'];
}

function historyLines({ facts }: Chain, { language, offers }: Group): string[] {
  const timeZone = offers[0]?.workflow.time_zone ?? 'Asia/Shanghai';
  const time = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const texts = ANSWERS[language];
  return facts.map((fact) =>
    fill(texts.history, { time: time.format(Date.parse(fact.at)), fact: texts.facts[fact.type] }),
  );
}
