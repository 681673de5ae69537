import type EventBridge from '@alicloud/eventbridge';
import * as sdk from '@alicloud/eventbridge';
import { parseJson } from '../shared/json.ts';
import type { Change } from './change.ts';
import { unlessMissing } from './event-bridge-client.ts';
import { httpRuleNames } from './http-source.ts';
import { foreignChange, isOurs } from './ownership.ts';
import { functionTarget, type RuleDefinition } from './rule-definitions.ts';
import { type SetupTarget, targetNames } from './target.ts';

/** The rules of the environment and the target of each. Rules and targets that somebody else has put there are named. */
export async function setUpRules(
  client: EventBridge,
  target: SetupTarget,
  definitions: readonly RuleDefinition[],
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const rule of definitions) changes.push(...(await setUpRule(client, target, rule)));
  return [...changes, ...(await findForeignRules(client, target, definitions))];
}

async function setUpRule(client: EventBridge, target: SetupTarget, rule: RuleDefinition): Promise<Change[]> {
  const names = { eventBusName: rule.bus, ruleName: rule.name };
  const found = await unlessMissing(client.getRule(new sdk.GetRuleRequest(names)));
  const wanted = {
    ...names,
    description: rule.description,
    status: 'ENABLE',
    filterPattern: JSON.stringify(rule.pattern),
  };
  const change: Change = { kind: 'rule', name: rule.name, did: 'unchanged' };
  if (!found) {
    const targets = [functionTarget(target, rule.wakes)];
    if (!target.lookOnly) await client.createRule(new sdk.CreateRuleRequest({ ...wanted, targets }));
    return [{ ...change, did: 'created' }];
  }
  const done = isOurs(found.description)
    ? { ...change, ...differenceOf(found, rule) }
    : foreignChange(target, 'rule', rule.name);
  if (done.did === 'refused') return [done];
  if (done.did === 'updated' && !target.lookOnly) await client.updateRule(new sdk.UpdateRuleRequest(wanted));
  return [done, ...(await setUpTarget(client, target, rule, found.targets ?? []))];
}

function differenceOf(found: sdk.GetRuleResponse, rule: RuleDefinition): Pick<Change, 'did' | 'detail'> {
  if (found.status !== 'ENABLE') return { did: 'updated', detail: 'it was switched off' };
  if (!sameJson(found.filterPattern, rule.pattern)) return { did: 'updated', detail: 'its pattern' };
  return { did: 'unchanged' };
}

/** There is no call that changes a target: it is taken away and made again. What is missed meanwhile the sweep finds. */
async function setUpTarget(
  client: EventBridge,
  target: SetupTarget,
  rule: RuleDefinition,
  found: readonly sdk.TargetEntry[],
): Promise<Change[]> {
  const names = { eventBusName: rule.bus, ruleName: rule.name };
  const wanted = functionTarget(target, rule.wakes);
  const current = found.find(({ id }) => id === wanted.id);
  const nameOf = (id: string) => `${rule.name} → ${id}`;
  const changes: Change[] = [];
  if (!current || !sameTarget(current, wanted)) {
    changes.push({ kind: 'target', name: nameOf(wanted.id), did: current ? 'updated' : 'created' });
    if (!target.lookOnly) {
      if (current) await client.deleteTargets(new sdk.DeleteTargetsRequest({ ...names, targetIds: [wanted.id] }));
      await client.createTargets(new sdk.CreateTargetsRequest({ ...names, targets: [wanted] }));
    }
  }
  const others = found.filter(({ id }) => id !== wanted.id);
  return [...changes, ...others.map(({ id }): Change => ({ kind: 'target', name: nameOf(id), did: 'not ours' }))];
}

async function findForeignRules(
  client: EventBridge,
  target: SetupTarget,
  definitions: readonly RuleDefinition[],
): Promise<Change[]> {
  const { bus } = targetNames(target);
  const listed = await unlessMissing(client.listRules(new sdk.ListRulesRequest({ eventBusName: bus, limit: 100 })));
  const names = new Set([...definitions.map(({ name }) => name), ...httpRuleNames(target)]);
  const others = (listed?.rules ?? []).filter(({ ruleName }) => !names.has(ruleName));
  return others.map(({ ruleName }) => ({ kind: 'rule', name: ruleName, did: 'not ours' }));
}

function sameTarget(found: sdk.TargetEntry, wanted: sdk.TargetEntry): boolean {
  const parameters = ({ paramList = [] }: sdk.TargetEntry) =>
    paramList.map(({ resourceKey, form, value = '' }) => [resourceKey, form, value].join(' ')).sort();
  const text = (entry: sdk.TargetEntry) => JSON.stringify([entry.type, entry.endpoint, parameters(entry)]);
  return text(found) === text(wanted);
}

function sameJson(text: string, value: object): boolean {
  return JSON.stringify(parseJson(text)) === JSON.stringify(value);
}
