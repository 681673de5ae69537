import { readRelease } from '../../setup/read-release.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { listPauses, type StandingPause } from '../../shared/journal/pauses.ts';
import { type Io, UsageError } from '../io.ts';
import { nearMiss } from '../near-miss.ts';
import { findAddress, openStores } from './address.ts';

export interface PauseOptions {
  env?: string;
  state: string;
  json?: true;
}

/** Where the pauses of an environment lie, and the workflow that is meant: null stands for all of them. */
export async function openPauses(
  io: Io,
  named: string | undefined,
  options: PauseOptions,
): Promise<{ work: ObjectStore; clock: Clock; workflow: string | null }> {
  const address = await findAddress(io, options);
  const workflow = named === undefined ? null : await knownWorkflow(io, named, address.environmentName);
  return { work: openStores(address).work, clock: address.clock, workflow };
}

/** The pause that has exactly this name. */
export async function findStanding(work: ObjectStore, workflow: string | null): Promise<StandingPause | undefined> {
  return (await listPauses(work)).find((standing) => standing.workflow === workflow);
}

/** A pause under a name that no workflow has would pause nothing. */
async function knownWorkflow({ root }: Io, named: string, environmentName: string): Promise<string> {
  const names = Object.keys((await readRelease(root, environmentName)).workflows.workflows);
  if (names.includes(named)) return named;
  const near = nearMiss(named, names);
  const meant = near === undefined ? `it has ${names.join(', ')}` : `${near} is most like it`;
  throw new UsageError(`workflows.yaml has no workflow "${named.slice(0, 64)}"; ${meant}`);
}
