import type { Fact } from '../../../shared/request/records.ts';
import { makeTemporaryStore } from '../../shared/journal/temporary-store.ts';
import { type Functions, openWorld, type World, type WorldOptions } from './world.ts';

export interface TemporaryWorld {
  world: World;
  functions: Functions;
  /** The types of a request's facts, in order. */
  types(requestId: string): Promise<string[]>;
  /** The last fact of a request. */
  last(requestId: string): Promise<Fact | undefined>;
  /** Writes facts as others would have. */
  write(requestId: string, ...facts: Fact[]): Promise<void>;
  /** The open marker that a callback leaves. */
  mark(instanceId: string, changes?: object): Promise<void>;
  remove(): Promise<unknown>;
}

/** A world on two stores on disk. */
export async function openTemporaryWorld(
  workflows: object = {},
  outside: Pick<WorldOptions, 'channel' | 'messenger' | 'file'> = {},
): Promise<TemporaryWorld> {
  const [records, work] = [await makeTemporaryStore(), await makeTemporaryStore()];
  const world = openWorld({ records: records.store, work: work.store, workflows, ...outside });
  const functions = world.open();
  const { journal, markers } = functions;
  return {
    world,
    functions,
    types: async (id) => (await journal.read(id)).facts.map(({ type }) => type),
    last: async (id) => (await journal.read(id)).facts.at(-1),
    write: async (id, ...facts) => {
      let chain = await journal.read(id);
      for (const fact of facts) chain = (await journal.append(chain, fact)).chain;
    },
    mark: async (instance_id, changes = {}) => {
      const marker = { platform: 'dingtalk', instance_id, code: 'PROC-1', received_at: world.clock.now() } as const;
      await markers.put({ request_id: `dingtalk.${instance_id}`, ...marker, ...changes });
    },
    remove: () => Promise.all([records.remove(), work.remove()]),
  };
}
