import * as z from 'zod';
import { EventBridgeError } from '../event-bridge-error.ts';
import { parseRequest } from '../parse-request.ts';
import { checkTarget, type RuleTarget, ruleTargetSchema } from '../rule-target.ts';
import type { Rule } from '../state.ts';
import { type ControlPlane, checkQuota, type Operations, requireRule } from './operation.ts';

const MAX_TARGETS = 5;

const name = z.string().min(1).max(255);
const ruleRequest = z.object({ EventBusName: name, RuleName: name });
const createRequest = ruleRequest.extend({ Targets: z.array(ruleTargetSchema).min(1).max(100) });
const deleteRequest = ruleRequest.extend({ TargetIds: z.array(name).min(1).max(100) });
const listRequest = ruleRequest.extend({ Limit: z.number().int().min(1).max(100).optional() });

interface ErrorEntry {
  EntryId: string;
  ErrorCode: string;
  ErrorMessage: string;
}

export function targetOperations(plane: ControlPlane): Operations {
  const { store } = plane;
  return {
    async createTargets(body) {
      const { EventBusName, RuleName, Targets } = parseRequest(createRequest, body);
      return store.update((state) => {
        const rule = requireRule(state, EventBusName, RuleName);
        return eachEntry(
          Targets,
          ({ Id }) => Id,
          (target) => addTarget(plane, rule, target),
        );
      });
    },
    async deleteTargets(body) {
      const { EventBusName, RuleName, TargetIds } = parseRequest(deleteRequest, body);
      return store.update((state) => {
        const rule = requireRule(state, EventBusName, RuleName);
        return eachEntry(
          TargetIds,
          (id) => id,
          (id) => removeTarget(rule, id),
        );
      });
    },
    listTargets(body) {
      const { EventBusName, RuleName, Limit = 100 } = parseRequest(listRequest, body);
      return { Targets: requireRule(store.current(), EventBusName, RuleName).Targets.slice(0, Limit) };
    },
  };
}

/** Puts a target on a rule, or throws EventBridgeError. */
export function addTarget(plane: ControlPlane, rule: Rule, target: RuleTarget): void {
  checkTarget(target, plane);
  if (rule.Targets.some(({ Id }) => Id === target.Id)) {
    const message = `The event target [${target.Id}] of event rule [${rule.RuleName}] already existed!`;
    throw new EventBridgeError(409, 'EventTargetAlreadyExist', message);
  }
  checkQuota('EventTarget', rule.Targets.length, MAX_TARGETS);
  rule.Targets.push(target);
}

function removeTarget(rule: Rule, id: string): void {
  const kept = rule.Targets.filter(({ Id }) => Id !== id);
  if (kept.length === rule.Targets.length) {
    const message = `The event target [${id}] of event rule [${rule.RuleName}] is not existed!`;
    throw new EventBridgeError(409, 'EventTargetNotExist', message);
  }
  rule.Targets = kept;
}

/** Does what can be done and reports the entries that could not. */
function eachEntry<T>(entries: readonly T[], idOf: (entry: T) => string, act: (entry: T) => void): object {
  const errors: ErrorEntry[] = [];
  for (const entry of entries) {
    try {
      act(entry);
    } catch (error) {
      if (!(error instanceof EventBridgeError)) throw error;
      errors.push({ EntryId: idOf(entry), ErrorCode: error.code, ErrorMessage: error.message });
    }
  }
  return { ErrorEntriesCount: errors.length, ErrorEntries: errors };
}
