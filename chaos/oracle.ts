import type { Evidence, Run } from './evidence.ts';
import { findOverlaps } from './find-overlaps.ts';
import { membershipsOf, parametersOf, productOf, type Submitted } from './made-by.ts';
import { type Messages, type ShownMessage, sortMessages } from './messages.ts';
import type { Order } from './orders.ts';
import { type VerifiedChain, verifyRecords } from './verify-records.ts';

export interface Verdict {
  approvals: number;
  /** Ran with success, and what it made is on the instance. */
  provisioned: number;
  /** Refused by the loop, with a reason. */
  refused: number;
  /** Refused by the approver: nothing may come of it. */
  declined: number;
  /** Was cut off by the stop of the cloud, and its people were told so. */
  failed: number;
  /** Should have run, or been refused, and nothing is there. */
  lost: number;
  double_runs: number;
  /** Ran with other values than people approved. */
  wrong_values: number;
  /** Runs that began for a person while another one for the same person was under way. */
  overlaps: number;
  missing_final: number;
  duplicate_final: number;
  /** Final messages that stand twice where a channel knows no key for a repeat: what docs/reliability.md allows there. */
  repeats_shown: number;
  /** Messages that say in the end that something is under way, or that are in a wrong group. */
  misleading: number;
  /** Accounts, workspaces and messages that no approval asked for, and forged callbacks that were taken for genuine. */
  uninvited: number;
  /** Open markers in the end. */
  left_open: number;
  /** Leases, notices and the like that a late process left behind: they hold up nothing, and nobody takes them away. */
  litter: number;
  journal_ok: boolean;
  /** The first of what is wrong, in words. */
  problems: string[];
}

type Counted = 'provisioned' | 'refused' | 'declined' | 'failed' | 'lost' | 'double_runs' | 'wrong_values';
type Told = 'missing_final' | 'duplicate_final';
interface Finding {
  counts: (Counted | Told)[];
  problem?: string;
}

const MAX_PROBLEMS = 20;

/** Compares what people decided with what is found outside. */
export function judge(submitted: readonly Submitted[], evidence: Evidence): Verdict {
  const chains = verifyRecords(evidence.records);
  const messages = sortMessages(evidence.messages);
  const chats = new Map(submitted.map(({ requestId, order }) => [requestId, order.chat]));
  const known = new Set(chats.keys());
  const findings = submitted.map((each) => judgeOne(each, evidence, chains.get(each.requestId), messages));
  const strange = evidence.runs.filter(({ requestId }) => !known.has(requestId));
  const overlaps = findOverlaps(submitted, evidence.runs);
  const misleading = [...messages.named].flatMap((requestId) =>
    messages.of(requestId, chats.get(requestId)).misleading.map((what) => `${requestId}: it still says ${what}`),
  );
  const uninvited = findUninvited(submitted, evidence, messages);
  const silent = evidence.unanswered.map((employee) => `nobody answered who asked for ${employee}`);
  const faults = [...chains].flatMap(([requestId, chain]) => chainFault(requestId, chain, known));
  const repeats = [...messages.named].flatMap((requestId) => messages.of(requestId, chats.get(requestId)).repeats);
  const count = (name: Counted | Told) => findings.filter(({ counts }) => counts.includes(name)).length;
  return {
    approvals: submitted.length,
    provisioned: count('provisioned'),
    refused: count('refused'),
    declined: count('declined'),
    failed: count('failed'),
    lost: count('lost') + silent.length,
    double_runs: count('double_runs') + strange.length,
    wrong_values: count('wrong_values'),
    overlaps: overlaps.length,
    missing_final: count('missing_final'),
    duplicate_final: count('duplicate_final'),
    repeats_shown: repeats.length,
    misleading: misleading.length,
    uninvited: uninvited.length + evidence.welcomed,
    left_open: evidence.open.length,
    litter: evidence.aside.length,
    journal_ok: faults.length === 0,
    problems: [
      ...findings.flatMap(({ problem }) => problem ?? []),
      ...strange.map(({ requestId }) => `a run for ${requestId || 'no request'}, which nobody asked for`),
      ...overlaps,
      ...misleading,
      ...uninvited,
      ...silent,
      ...(evidence.welcomed > 0 ? [`${evidence.welcomed} forged callbacks were answered with success`] : []),
      ...faults,
      ...evidence.open.map((key) => `left: ${key}`),
    ].slice(0, MAX_PROBLEMS),
  };
}

/** Whether everything holds that must hold. */
export function holds(verdict: Verdict): boolean {
  const { lost, double_runs, wrong_values, overlaps, uninvited, left_open, journal_ok } = verdict;
  const untold = verdict.missing_final + verdict.duplicate_final + verdict.misleading;
  return journal_ok && lost + double_runs + wrong_values + overlaps + untold + uninvited + left_open === 0;
}

function judgeOne(
  submitted: Submitted,
  evidence: Evidence,
  chain: VerifiedChain | undefined,
  messages: Messages,
): Finding {
  const { requestId, order } = submitted;
  const runs = evidence.runs.filter((run) => run.requestId === requestId);
  const { finals } = messages.of(requestId, order.chat);
  const [run] = runs;
  const ended = outcomeOf(order, run?.status, finals[0]?.title);
  const counts: Finding['counts'] = [];
  const invocations = new Set(runs.map(({ invokeId }) => invokeId));
  if (invocations.size > 1 || (run && order.expected !== 'run')) counts.push('double_runs');
  if (runs.some((each) => !isAsApproved(submitted, each))) counts.push('wrong_values');
  if (order.expected === 'nothing') {
    if (messages.named.has(requestId) || chain) counts.push('duplicate_final');
  } else {
    if (finals.length > 1) counts.push('duplicate_final');
    if (ended === undefined) counts.push('missing_final');
    const isThere = ended === 'provisioned' ? isMade(submitted, evidence) : run || order.expected === 'refusal';
    if (!chain || (!isThere && ended !== 'failed')) counts.push('lost');
  }
  const fine = counts.length === 0 && ended !== undefined;
  if (ended) counts.push(ended);
  const facts = chain?.facts.join(' ') ?? 'no record';
  const found = `${counts.join(', ') || 'nothing'}; runs ${runs.map(({ status }) => status)}; messages ${finals.map(describe)}; ${facts}`;
  return { counts, ...(fine ? {} : { problem: `${requestId} (${order.workflow} ${order.employee}): ${found}` }) };
}

/** As whoever looks into it needs it. */
function describe({ title, chat, key, time }: ShownMessage): string {
  return `${title} in ${chat} at ${new Date(time).toISOString()} (${key ?? 'no key'})`;
}

/** How it ended, if run and message say the same; undefined if there is no message or it says something else. */
function outcomeOf({ expected }: Order, status: string | undefined, title: string | undefined) {
  if (expected === 'nothing') return 'declined';
  if (title === undefined) return undefined;
  if (expected === 'refusal') return status === undefined && title.startsWith('⛔') ? 'refused' : undefined;
  if (title.startsWith('✅')) return status === 'Success' ? 'provisioned' : undefined;
  // The scripts themselves are not disturbed: one that says it failed is as bad as one that did not run.
  return status === INTERRUPTED ? 'failed' : undefined;
}

/** As Cloud Assistant ends a run that its own stop has cut off. */
const INTERRUPTED = 'Error';

function isMade(submitted: Submitted, { users, folders, memberships }: Evidence): boolean {
  const made = submitted.order.workflow === 'onboarding' ? users : folders;
  return made.has(productOf(submitted)) && membershipsOf(submitted).every((each) => memberships.has(each));
}

function isAsApproved(submitted: Submitted, { parameters }: Run): boolean {
  const expected = Object.entries(parametersOf(submitted));
  return (
    Object.keys(parameters).length === expected.length && expected.every(([name, value]) => parameters[name] === value)
  );
}

/** What is there although no approval that was granted and allowed asked for it. */
function findUninvited(submitted: readonly Submitted[], evidence: Evidence, messages: Messages): string[] {
  const known = new Set(submitted.map(({ requestId }) => requestId));
  const allowed = submitted.filter(({ order }) => order.expected === 'run');
  const invited = new Set(allowed.map(productOf));
  const roles = new Set(allowed.flatMap(membershipsOf));
  const made = [...evidence.users, ...evidence.folders].filter((name) => !invited.has(name));
  const joined = [...evidence.memberships].filter((each) => !roles.has(each));
  return [
    ...made.map((name) => `${name} was made for nobody`),
    ...joined.map((each) => `${each}: nobody approved this group`),
    ...[...messages.named].filter((id) => !known.has(id)).map((id) => `a message about ${id}`),
    ...messages.nameless.map((title) => `a message about no request: ${title}`),
  ];
}

function chainFault(requestId: string, { facts, fault }: VerifiedChain, known: ReadonlySet<string>): string[] {
  if (fault !== undefined) return [`${requestId}: ${fault}`];
  if (!known.has(requestId)) return [`${requestId}: a chain for a request that nobody made`];
  return facts.at(-1) === 'closed' ? [] : [`${requestId}: its chain ends with ${facts.at(-1)}`];
}
