import { stripInvisible } from '../../shared/message/neutralise.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { pressesOf } from '../../shared/request/presses.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import { workflowOf } from '../inspect/summary.ts';
import { checkChain, type StoredChain } from './chain.ts';

/** One request for auditors: who asked, who agreed, what, where, how it went, when, and by which hashes to check it. */
export interface ExportRow {
  request_id: string;
  workflow: string;
  action: string;
  status: string;
  requester: string;
  requester_id: string;
  approvers: string[];
  approval_title: string;
  approval_number: string;
  parameters: Record<string, string>;
  instances: { instance_id: string; status: string; exit_code: number | null }[];
  invoke_id: string;
  refusal: string;
  retry_of: string;
  retry_by: string;
  retry_reason: string;
  /** The buttons that were pressed, by whom and when. */
  presses: string[];
  accepted_at: string;
  dispatched_at: string;
  completed_at: string;
  announced_at: string;
  closed_at: string;
  records: number;
  /** Whether the chain is whole, as far as the records themselves show it. */
  chain: 'whole' | 'broken';
  first_record_sha256: string;
  last_record_sha256: string;
}

export function exportRow(chain: StoredChain): ExportRow {
  const { records } = chain;
  const facts = records.flatMap(({ record }) => record?.fact ?? []);
  const at = (type: Fact['type']) => facts.find((fact) => fact.type === type)?.at ?? '';
  return {
    request_id: chain.requestId,
    ...whoAndWhat(facts),
    ...howItWent(facts),
    accepted_at: at('accepted') || at('refused'),
    dispatched_at: at('dispatched'),
    completed_at: at('completed'),
    announced_at: at('announced'),
    closed_at: at('closed') || at('redirected'),
    records: records.length,
    chain: checkChain(chain).length === 0 ? 'whole' : 'broken',
    first_record_sha256: records.find(({ seq }) => seq === 1)?.sha256 ?? '',
    last_record_sha256: records.at(-1)?.sha256 ?? '',
  };
}

function whoAndWhat(facts: readonly Fact[]) {
  const request = findFact(facts, 'accepted')?.request;
  const { requester, approvers, approval } = request ?? findFact(facts, 'refused') ?? {};
  return {
    workflow: workflowOf(facts) ?? '',
    action: request?.action ?? '',
    requester: requester?.name ?? '',
    requester_id: requester?.id ?? '',
    approvers: (approvers ?? []).map(({ id, name, at }) => `${name} (${id})${at === '' ? '' : ` ${at}`}`),
    approval_title: approval?.title ?? '',
    approval_number: approval?.number ?? '',
    parameters: request?.parameters ?? {},
    retry_of: request?.retry?.of ?? '',
    retry_by: request?.retry?.by ?? '',
    retry_reason: request?.retry?.reason ?? '',
    presses: pressesOf(facts).map(({ what, by, at }) => `${what}: ${by.name} (${by.id}) ${at}`),
  };
}

function howItWent(facts: readonly Fact[]) {
  const completed = findFact(facts, 'completed');
  const planned = findFact(facts, 'planned')?.input.instances ?? [];
  const instances =
    completed?.instances ?? planned.map((instance_id) => ({ instance_id, status: '', exit_code: null }));
  return {
    status: endOf(facts) ?? 'Open',
    instances: instances.map(({ instance_id, status, exit_code }) => ({ instance_id, status, exit_code })),
    invoke_id: completed?.invoke_id ?? findFact(facts, 'dispatched')?.invoke_id ?? '',
    refusal: findFact(facts, 'refused')?.refusal.code ?? '',
  };
}

/** The head of the CSV, without a line end. */
export const CSV_HEAD = Object.keys(exportRow({ requestId: '', records: [] })).join(',');

export function toCsvLine(row: ExportRow): string {
  return Object.values(row).map(toCell).join(',');
}

/** What a spreadsheet would take for a formula, also behind blanks and in full width. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/u;

function toCell(value: ExportRow[keyof ExportRow]): string {
  const text = stripInvisible(flat(value)).replace(/[\t\n]+/g, ' ');
  const harmless = typeof value !== 'number' && FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

function flat(value: ExportRow[keyof ExportRow]): string {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : instanceText(item))).join('; ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, text]) => `${name}=${text}`)
    .join('; ');
}

function instanceText({ instance_id, status, exit_code }: ExportRow['instances'][number]): string {
  return [instance_id, status, exit_code === null ? '' : `exit ${exit_code}`].filter((text) => text !== '').join(' ');
}
