import { ENVIRONMENT_TAG } from '../shared/request/tags.ts';
import type { Change } from './change.ts';
import type { SetupTarget } from './target.ts';

/** How the description of what setup has made begins, where a thing has one. */
export const MADE_BY = 'Made by approval-loop setup';

export function isOurs(description: string | undefined): boolean {
  return description?.startsWith(MADE_BY) ?? false;
}

/** Buckets have no description, and that of an alert need not come back: theirs is the tag that instances have, too. */
export function ownTags({ environmentName }: SetupTarget): Record<string, string> {
  return { [ENVIRONMENT_TAG]: environmentName };
}

export function hasOwnTags(target: SetupTarget, tags: Readonly<Record<string, string>>): boolean {
  return Object.entries(ownTags(target)).every(([key, value]) => tags[key] === value);
}

/**
 * What becomes of a thing of our name that lacks our mark. Somebody may rely on it: it is left alone and nothing is built
 * on it, unless `adopt` says that it is ours from now on. The caller then marks it.
 */
export function foreignChange({ adopt }: SetupTarget, kind: Change['kind'], name: string): Change {
  const maker = kind === 'function' ? 'deploy' : 'setup';
  if (adopt) return { kind, name, did: 'updated', detail: `it was not made by ${maker}, which takes it over` };
  const detail = `a ${kind} of this name was not made by ${maker} and is left as it is; rename or delete it, or let ${maker} take it over with --adopt, then run ${maker} again`;
  return { kind, name, did: 'refused', detail };
}
