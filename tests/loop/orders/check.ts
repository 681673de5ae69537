import { messageKey } from '../../../functions/notify/living-message.ts';
import { attemptsOf } from '../../../shared/ids.ts';
import { createJournal } from '../../../shared/journal/journal.ts';
import { AFTER_THE_END, pendingPress } from '../../../shared/request/presses.ts';
import { type Fact, findFact } from '../../../shared/request/records.ts';
import type { LivingChats } from '../../functions/notify/living-chat.ts';
import type { Run } from '../../functions/world/cloud.ts';
import type { World } from '../../functions/world/world.ts';

/** Ends of an instance's run that have changed nothing there. */
const WITHOUT_EFFECT = ['Aborted', 'Invalid', 'Cancelled'];

/** Everything that must hold once a world has settled, as a list of what does not. */
export async function faultsOf(world: World, chats?: LivingChats): Promise<string[]> {
  const { cloud, messages, records, work } = world;
  const ids = new Set<string>();
  for (const key of await records.list(''))
    ids.add(/^(?:accepted|records)\/([^/]+?)(?:\.json|\/.+)$/.exec(key)?.[1] ?? key);
  const faults: string[] = [];
  for (const run of cloud.runs) {
    if (!ids.has(run.requestId)) faults.push(`${run.requestId} ran and is not known`);
    if (run.besides.length > 0) faults.push(`${run.requestId} ran beside ${run.besides.join()}`);
  }
  for (const id of ids) {
    // Reading checks every hash of the chain.
    const { facts } = await createJournal({ records, by: () => 'test/1' }).read(id);
    const types = facts.map(({ type }) => type).filter((type) => type !== 'pressed' && type !== 'answered');
    const told = new Set(messages.map((message) => message.idempotencyKey)).has(messageKey(id, 'it-ops end'));
    const redirected = types[0] === 'redirected';
    const runs = cloud.runs.filter(({ requestId }) => requestId === id);
    if (types.at(-1) !== (redirected ? 'redirected' : 'closed')) faults.push(`${id} ends with ${types.join()}`);
    if (new Set(types).size !== types.length && !types.includes('confirmed')) faults.push(`${id} has ${types.join()}`);
    faults.push(...pressFaults(id, facts));
    if (chats) faults.push(...livingFaults(id, redirected, chats));
    else if (told === redirected) faults.push(`${id} was ${told ? '' : 'not '}told`);
    if (runs.length > 1) faults.push(`${id} ran ${runs.length} times`);
    if (runs.length > 0 && types.includes('cancelled')) faults.push(`${id} was withdrawn in time and ran`);
    if (runs.length === 0 && types.includes('completed')) faults.push(`${id} completed without a run`);
    if (id.endsWith('.revoke')) faults.push(...reversalFaults(id, cloud.runs, await effectsOf(world, id)));
  }
  const left = (await work.list('')).filter((key) => !/^((locks|sends|starts|usage)\/|resumed$)/.test(key));
  if (left.length > 0) faults.push(`left: ${left.join()}`);
  const locks = (await work.list('locks/')).map((key) => key.slice(0, key.lastIndexOf('/')));
  if (new Set(locks).size !== locks.length) faults.push(`locks left: ${locks.join()}`);
  return faults;
}

/** Each button counts once, and what it asked for after the end has been dealt with. */
function pressFaults(id: string, facts: readonly Fact[]): string[] {
  const marks = facts.flatMap((fact) =>
    fact.type === 'pressed' || fact.type === 'answered' ? [`${fact.type} ${fact.what}`] : [],
  );
  const pending = pendingPress(facts, AFTER_THE_END);
  return [
    ...(new Set(marks).size === marks.length ? [] : [`${id} has ${marks.join()}`]),
    ...(pending ? [`${id} has not answered ${pending.what}`] : []),
  ];
}

/** One message for each request, and what it shows at last is the end. */
function livingFaults(id: string, redirected: boolean, chats: LivingChats): string[] {
  const shown = chats.shown('it-ops').filter(({ titles }) => !titles[0]?.startsWith('📄'));
  const about = shown.filter(({ text }) => text.includes(`：${id}，`));
  const ended = about.filter(({ titles }) => !/^[📝⏳⏸▶]/u.test(titles.at(-1) ?? ''));
  const wanted = redirected ? 0 : 1;
  if (about.length === wanted && ended.length === wanted) return [];
  return [`${id} is shown as ${JSON.stringify(about.map(({ titles }) => titles))}`];
}

/** Instances on which what a reversal undoes has changed something, in all attempts. */
async function effectsOf({ records }: World, revokeId: string): Promise<string[]> {
  const journal = createJournal({ records, by: () => 'test/1' });
  const chains = await Promise.all(attemptsOf(revokeId).map((id) => journal.read(id)));
  const results = chains.flatMap(({ facts }) => findFact(facts, 'completed')?.instances ?? []);
  return results.filter(({ status }) => !WITHOUT_EFFECT.includes(status)).map(({ instance_id }) => instance_id);
}

function reversalFaults(id: string, runs: readonly Run[], effects: readonly string[]): string[] {
  const undone = runs.filter(({ requestId }) => requestId === id).flatMap(({ input }) => input.instances);
  const same = [...undone].sort().join() === [...new Set(effects)].sort().join();
  return same ? [] : [`${id} undid [${undone.join()}] where [${effects.join()}] was done`];
}
