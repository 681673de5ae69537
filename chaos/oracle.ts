import { createHash } from 'node:crypto';
import type { Evidence } from './evidence.ts';
import type { Order } from './orders.ts';
import { type VerifiedChain, verifyRecords } from './verify-records.ts';

/** An approval that people submitted and decided. */
export interface Submitted {
  requestId: string;
  order: Order;
}

export interface Verdict {
  approvals: number;
  /** Ran with success, and what it made is on the instance. */
  provisioned: number;
  /** Refused by the loop, with a reason. */
  refused: number;
  /** Refused by the approver: nothing may come of it. */
  declined: number;
  /** Ran, did not succeed, and its people were told so. */
  failed: number;
  /** Should have run, or been refused, and nothing is there. */
  lost: number;
  double_runs: number;
  missing_final: number;
  duplicate_final: number;
  /** Accounts, workspaces and messages that no approval asked for, and forged callbacks that were taken for genuine. */
  uninvited: number;
  /** Open markers in the end. */
  left_open: number;
  /** Leases and notices that a late process left behind: they hold up nothing, and nobody takes them away. */
  litter: number;
  journal_ok: boolean;
  /** The first of what is wrong, in words. */
  problems: string[];
}

type Counted = 'provisioned' | 'refused' | 'declined' | 'failed' | 'lost' | 'double_runs';
type Told = 'missing_final' | 'duplicate_final';
interface Finding {
  counts: (Counted | Told)[];
  problem?: string;
}

const MAX_PROBLEMS = 20;

/** Compares what people decided with what is found outside. */
export function judge(submitted: readonly Submitted[], evidence: Evidence): Verdict {
  const chains = verifyRecords(evidence.records);
  const finals = finalsByRequest(evidence);
  const known = new Set(submitted.map(({ requestId }) => requestId));
  const findings = submitted.map((each) => judgeOne(each, evidence, chains.get(each.requestId), finals));
  const strange = evidence.invocations.filter(({ requestId }) => !known.has(requestId));
  const uninvited = findUninvited(submitted, evidence, known);
  const silent = evidence.unanswered.map((employee) => `nobody answered who asked for ${employee}`);
  const faults = [...chains].flatMap(([requestId, chain]) => chainFault(requestId, chain, known));
  const count = (name: Counted | Told) => findings.filter(({ counts }) => counts.includes(name)).length;
  return {
    approvals: submitted.length,
    provisioned: count('provisioned'),
    refused: count('refused'),
    declined: count('declined'),
    failed: count('failed'),
    lost: count('lost') + silent.length,
    double_runs: count('double_runs') + strange.length,
    missing_final: count('missing_final'),
    duplicate_final: count('duplicate_final'),
    uninvited: uninvited.length + evidence.welcomed,
    left_open: evidence.open.length,
    litter: evidence.aside.length,
    journal_ok: faults.length === 0,
    problems: [
      ...findings.flatMap(({ problem }) => problem ?? []),
      ...strange.map(({ requestId }) => `a run for ${requestId}, which nobody asked for`),
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
  const { lost, double_runs, missing_final, duplicate_final, uninvited, left_open, journal_ok } = verdict;
  return journal_ok && lost + double_runs + missing_final + duplicate_final + uninvited + left_open === 0;
}

function judgeOne(
  submitted: Submitted,
  evidence: Evidence,
  chain: VerifiedChain | undefined,
  finals: ReadonlyMap<string, string[]>,
): Finding {
  const { requestId, order } = submitted;
  const runs = evidence.invocations.filter((run) => run.requestId === requestId);
  const titles = finals.get(requestId) ?? [];
  const [run] = runs;
  const ended = outcomeOf(order, run?.status, titles[0]);
  const counts: Finding['counts'] = [];
  if (runs.length > 1 || (run && order.expected !== 'run')) counts.push('double_runs');
  if (order.expected === 'nothing') {
    if (titles.length > 0 || chain) counts.push('duplicate_final');
  } else {
    if (titles.length > 1) counts.push('duplicate_final');
    if (ended === undefined) counts.push('missing_final');
    const isThere = ended === 'provisioned' ? isMade(submitted, evidence) : run || order.expected === 'refusal';
    if (!chain || (!isThere && ended !== 'failed')) counts.push('lost');
  }
  const fine = counts.length === 0 && ended !== undefined;
  if (ended) counts.push(ended);
  const facts = chain?.facts.join(' ') ?? 'no record';
  const found = `${counts.join(', ') || 'nothing'}; runs ${runs.map(({ status }) => status)}; messages ${titles}; ${facts}`;
  return { counts, ...(fine ? {} : { problem: `${requestId} (${order.workflow} ${order.employee}): ${found}` }) };
}

/** How it ended, if run and message say the same; undefined if there is no message or it says something else. */
function outcomeOf({ expected }: Order, status: string | undefined, title: string | undefined) {
  if (expected === 'nothing') return 'declined';
  if (title === undefined) return undefined;
  if (expected === 'refusal') return status === undefined && title.startsWith('⛔') ? 'refused' : undefined;
  if (title.startsWith('✅')) return status === 'Success' ? 'provisioned' : undefined;
  return status !== undefined && status !== 'Success' ? 'failed' : undefined;
}

function isMade(submitted: Submitted, { users, folders }: Evidence): boolean {
  return (submitted.order.workflow === 'onboarding' ? users : folders).has(productOf(submitted));
}

/** The account of the employee, or the workspace that carries the hash of the request's name. */
function productOf({ requestId, order: { workflow, employee } }: Submitted): string {
  const account = employee.toLowerCase();
  if (workflow === 'onboarding') return account;
  return `${account}-${createHash('sha256').update(requestId).digest('hex').slice(0, 8)}`;
}

/** What is there although no approval that was granted and allowed asked for it. */
function findUninvited(submitted: readonly Submitted[], evidence: Evidence, known: ReadonlySet<string>): string[] {
  const allowed = submitted.filter(({ order }) => order.expected === 'run');
  const invited = new Set(allowed.map(productOf));
  const made = [...evidence.users, ...evidence.folders].filter((name) => !invited.has(name));
  const told = evidence.messages.flatMap(({ text }) => requestIdOf(text) ?? []).filter((id) => !known.has(id));
  return [...made.map((name) => `${name} was made for nobody`), ...told.map((id) => `a message about ${id}`)];
}

function requestIdOf(text: string): string | undefined {
  return /^- 编号：([A-Za-z0-9._-]+)/m.exec(text)?.[1];
}

/** Titles of the final messages. Those on the way to it carry the number of their request too. */
function finalsByRequest({ messages }: Evidence): Map<string, string[]> {
  const finals = new Map<string, string[]>();
  for (const { title, text } of messages.filter((message) => !/^(📝|⏳|💤|▶️)/u.test(message.title))) {
    const requestId = requestIdOf(text);
    if (requestId !== undefined) finals.set(requestId, [...(finals.get(requestId) ?? []), title]);
  }
  return finals;
}

function chainFault(requestId: string, { facts, fault }: VerifiedChain, known: ReadonlySet<string>): string[] {
  if (fault !== undefined) return [`${requestId}: ${fault}`];
  if (!known.has(requestId)) return [`${requestId}: a chain for a request that nobody made`];
  return facts.at(-1) === 'closed' ? [] : [`${requestId}: its chain ends with ${facts.at(-1)}`];
}
