import { TransientError } from '../../shared/errors.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Approval, ApprovalSource } from '../../shared/platforms/platform.ts';
import { templateOf } from '../../shared/workflows/lookups.ts';
import type { Access } from './access.ts';

/** What a platform says of an approval. */
export type Asked =
  /** It belongs to the template of this workflow. */
  | { kind: 'approval'; workflow: string; code: string; approval: Approval }
  /** It is there, and no workflow starts on its template. */
  | { kind: 'other template' }
  /** The platform has no such approval, or does not let the app read it. */
  | { kind: 'unreadable'; error: string }
  | { kind: 'unreachable'; error: string }
  | { kind: 'not configured' };

/** Reads the approval as ingest would, for each workflow that it may be for. */
export async function askPlatform(
  { sources, workflows }: Pick<Access, 'sources' | 'workflows'>,
  platform: PlatformName,
  instanceId: string,
): Promise<Asked> {
  const source = sources.find(({ name }) => name === platform);
  if (!source) return { kind: 'not configured' };
  try {
    for (const [workflow, definition] of Object.entries(workflows.workflows)) {
      const code = templateOf(definition, platform);
      if (code === undefined) continue;
      const read = await source.readApproval({ instance_id: instanceId, code });
      if (read.kind === 'approval') return { kind: 'approval', workflow, code, approval: read.approval };
      if (read.refusal.code !== 'template_mismatch')
        return { kind: 'unreadable', error: read.refusal.values['error'] ?? read.refusal.code };
    }
    return { kind: 'other template' };
  } catch (error) {
    if (error instanceof TransientError) return { kind: 'unreachable', error: error.code };
    throw error;
  }
}

const DAY_MS = 86_400_000;
const WINDOW_DAYS = 14;
/** Each costs some calls of the month. */
const MAX_READ = 200;

/** Decided approvals of the last two weeks whose number or form has this text, by instance id; newest first. */
export async function searchPlatform(
  access: Pick<Access, 'sources' | 'workflows' | 'clock'>,
  text: string,
): Promise<{ platform: PlatformName; instanceId: string }[]> {
  const found = access.sources.map((source) => searchSource(access, source, text));
  return (await Promise.all(found)).flat();
}

async function searchSource(
  { workflows, clock }: Pick<Access, 'workflows' | 'clock'>,
  source: ApprovalSource,
  text: string,
): Promise<{ platform: PlatformName; instanceId: string }[]> {
  const found: { platform: PlatformName; instanceId: string }[] = [];
  let read = 0;
  for (const workflow of Object.values(workflows.workflows)) {
    const code = templateOf(workflow, source.name);
    if (code === undefined) continue;
    const ids = await source.listDecided(code, clock.now() - WINDOW_DAYS * DAY_MS);
    for (const instanceId of ids.reverse().slice(0, MAX_READ - read)) {
      read += 1;
      const answer = await source.readApproval({ instance_id: instanceId, code });
      if (answer.kind === 'approval' && isAbout(answer.approval, text))
        found.push({ platform: source.name, instanceId });
    }
  }
  return found;
}

function isAbout({ number, fields }: Approval, text: string): boolean {
  return (
    number === text || fields.some(({ value }) => value === text || (Array.isArray(value) && value.includes(text)))
  );
}
