import * as z from 'zod';
import { EventBridgeError } from '../event-bridge-error.ts';
import { pageRequest, takePage } from '../page.ts';
import { parseRequest } from '../parse-request.ts';
import { compilePatternText } from '../pattern/compile-pattern.ts';
import { InvalidPatternError } from '../pattern/invalid-pattern-error.ts';
import { ruleTargetSchema } from '../rule-target.ts';
import type { EventBus, Rule } from '../state.ts';
import {
  busArn,
  type ControlPlane,
  checkQuota,
  isAllowedName,
  type Operations,
  requireBus,
  requireRule,
} from './operation.ts';
import { addTarget } from './targets.ts';

const MAX_RULES = 50;

const name = z.string().min(1).max(255);
const namedRequest = z.object({ EventBusName: name, RuleName: name });
const changeableFields = {
  Description: z.string().max(255).optional(),
  Status: z.enum(['ENABLE', 'DISABLE']).optional(),
  Tags: z.record(z.string(), z.string()).optional(),
};
const createRequest = namedRequest.extend({
  ...changeableFields,
  FilterPattern: z.string().min(1),
  Targets: z.array(ruleTargetSchema).default([]),
});
const updateRequest = namedRequest.extend({ ...changeableFields, FilterPattern: z.string().min(1).optional() });
const listRequest = z.object({ EventBusName: name, RuleNamePrefix: z.string().max(255).optional(), ...pageRequest });

export function ruleOperations(plane: ControlPlane): Operations {
  const { store } = plane;
  const ruleArn = (bus: string, rule: string) => `${busArn(plane, bus)}/rule/${rule}`;
  const entry = (bus: string, rule: Rule) => ({ EventBusName: bus, RuleARN: ruleArn(bus, rule.RuleName), ...rule });
  return {
    async createRule(body) {
      const request = parseRequest(createRequest, body);
      await store.update((state) => createRule(plane, requireBus(state, request.EventBusName), request));
      return { RuleARN: ruleArn(request.EventBusName, request.RuleName) };
    },
    async updateRule(body) {
      const { EventBusName, RuleName, ...changes } = parseRequest(updateRequest, body);
      if (changes.FilterPattern !== undefined) checkPattern(changes.FilterPattern);
      await changeRule(plane, EventBusName, RuleName, changes);
      return {};
    },
    async enableRule(body) {
      const { EventBusName, RuleName } = parseRequest(namedRequest, body);
      await changeRule(plane, EventBusName, RuleName, { Status: 'ENABLE' });
      return {};
    },
    async disableRule(body) {
      const { EventBusName, RuleName } = parseRequest(namedRequest, body);
      await changeRule(plane, EventBusName, RuleName, { Status: 'DISABLE' });
      return {};
    },
    async deleteRule(body) {
      const { EventBusName, RuleName } = parseRequest(namedRequest, body);
      await store.update((state) => {
        const rule = requireRule(state, EventBusName, RuleName);
        const bus = requireBus(state, EventBusName);
        bus.rules = bus.rules.filter((other) => other !== rule);
      });
      return {};
    },
    getRule(body) {
      const { EventBusName, RuleName } = parseRequest(namedRequest, body);
      return entry(EventBusName, requireRule(store.current(), EventBusName, RuleName));
    },
    listRules(body) {
      const request = parseRequest(listRequest, body);
      const { rules } = requireBus(store.current(), request.EventBusName);
      const wanted = rules.filter(({ RuleName }) => RuleName.startsWith(request.RuleNamePrefix ?? ''));
      const { entries, ...page } = takePage(wanted, request);
      return { Rules: entries.map((rule) => entry(request.EventBusName, rule)), ...page };
    },
  };
}

function createRule(plane: ControlPlane, bus: EventBus, request: z.infer<typeof createRequest>): void {
  const { EventBusName, RuleName, FilterPattern, Targets, Description = '', Status = 'ENABLE', Tags = {} } = request;
  if (!isAllowedName(RuleName)) {
    throw new EventBridgeError(409, 'EventRuleNameInvalid', `The event rule name [${RuleName}] is invalid!`);
  }
  if (bus.rules.some((rule) => rule.RuleName === RuleName)) {
    const message = `The event rule [${RuleName}] of event bus [${EventBusName}] already existed!`;
    throw new EventBridgeError(409, 'EventRuleAlreadyExist', message);
  }
  checkQuota('EventRule', bus.rules.length, MAX_RULES);
  checkPattern(FilterPattern);
  const now = plane.clock.now();
  const rule: Rule = { RuleName, Description, Status, FilterPattern, Targets: [], Ctime: now, Mtime: now, Tags };
  for (const target of Targets) addTarget(plane, rule, target);
  bus.rules.push(rule);
}

type RuleChanges = { [Field in 'Description' | 'Status' | 'Tags' | 'FilterPattern']?: Rule[Field] | undefined };

async function changeRule(plane: ControlPlane, bus: string, ruleName: string, changes: RuleChanges): Promise<void> {
  await plane.store.update((state) => {
    const rule = requireRule(state, bus, ruleName);
    rule.Description = changes.Description ?? rule.Description;
    rule.Status = changes.Status ?? rule.Status;
    rule.Tags = changes.Tags ?? rule.Tags;
    rule.FilterPattern = changes.FilterPattern ?? rule.FilterPattern;
    rule.Mtime = plane.clock.now();
  });
}

function checkPattern(text: string): void {
  try {
    compilePatternText(text);
  } catch (error) {
    if (!(error instanceof InvalidPatternError)) throw error;
    throw new EventBridgeError(409, 'EventRuleFilterPatternSchemaError', error.message);
  }
}
