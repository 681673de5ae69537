import { logPlaceOf } from '../../../setup/log-place.ts';
import { environmentSchema, isSet, readVariables } from '../../../shared/config/environment.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { type MissingCredentials, missingCredentials } from '../../../shared/platforms/app-wants.ts';
import { configuredMessengers, createMessengers } from '../../../shared/platforms/create-messengers.ts';
import { configuredSources, createSources } from '../../../shared/platforms/create-sources.ts';
import type { PlatformTools, Variables } from '../../../shared/platforms/tools.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note, warning } from '../finding.ts';
import type { DeployedFunction, Trigger } from '../functions-api.ts';
import { type Admitted, FUNCTION_NAMES } from '../patient.ts';

/** Role, variables and triggers of each function. */
export const functions: Check = {
  name: 'functions',
  fine: 'all three are deployed, with their roles, variables and triggers',
  needs: ['fc'],
  look: async (patient) => FUNCTION_NAMES.flatMap((name) => lookAt(name, patient)),
};

function lookAt(name: FunctionName, patient: Admitted): Finding[] {
  const found = patient.functions.get(name);
  if (!found) return [error(name, 'is not deployed', patient.deployCommand)];
  return [
    ...roleOf(name, found, patient),
    ...variablesOf(name, found, patient),
    ...differingOf(name, found, patient),
    ...triggersOf(name, found.triggers, patient),
    ...logOf(name, found, patient),
  ];
}

function roleOf(name: FunctionName, { role }: DeployedFunction, { target, names, deployCommand }: Admitted): Finding[] {
  const wanted = `acs:ram::${target.accountId}:role/${names.function(name)}`;
  if (role === wanted) return [];
  const seen = role === '' ? 'has no role, so it may do nothing' : `has the role ${role} instead of ${wanted}`;
  return [error(`role of ${name}`, seen, deployCommand)];
}

/** Alerts ask, and the role lets write, in one place. A function that tells none keeps what it logs to the console. */
function logOf(name: FunctionName, { log }: DeployedFunction, { target, deployCommand }: Admitted): Finding[] {
  const { project, logstore } = logPlaceOf(target);
  if (!log || (log.project === project && log.logstore === logstore)) return [];
  const seen = `is ${log.project}/${log.logstore} instead of ${project}/${logstore}, where its role may write and alerts look`;
  return [warning(`log of ${name}`, seen, `delete its log settings in the console and ${deployCommand}`)];
}

/** What the function itself does with its variables when it starts; it starts also without the credentials that are given. */
const START: Record<FunctionName, (variables: Variables, file: unknown, tools: PlatformTools) => MissingCredentials[]> =
  {
    ingest(variables, file, tools) {
      loadWorkflows(file, { variables, used: ['on'], platforms: configuredSources(variables) });
      createSources(variables, tools);
      return [];
    },
    dispatch(variables, file) {
      loadWorkflows(file, { variables, used: ['run'] });
      return [];
    },
    notify(variables, file, tools) {
      const platforms = configuredMessengers(variables);
      const workflows = loadWorkflows(file, { variables, used: ['chats'], platforms });
      createMessengers(variables, workflows.chats, tools);
      return missingCredentials(workflows, variables, platforms);
    },
  };

function variablesOf(
  name: FunctionName,
  { variables, unread }: DeployedFunction,
  { file, tools, deployCommand, target }: Admitted,
): Finding[] {
  const what = `variables of ${name}`;
  if (unread.length > 0)
    return [
      note(
        what,
        `not tried, for this key does not get ${unread.join(', ')} from KMS; the sweeps tell whether the function does`,
      ),
    ];
  try {
    const { LOOP_ENVIRONMENT } = readVariables(environmentSchema, variables);
    if (LOOP_ENVIRONMENT !== target.environmentName)
      return [error(what, `LOOP_ENVIRONMENT is "${LOOP_ENVIRONMENT}", so it does not start`, deployCommand)];
    return START[name](variables, file, tools).map(({ variables: missing, wants }) => {
      const seen = `without ${missing.join(' and ')} it leaves out ${wants.map((path) => path.join('.')).join(', ')}`;
      return error(what, seen, `set in this shell what is missing, then ${deployCommand}`);
    });
  } catch (fault) {
    const seen = `it does not start: ${errorMessage(fault)}`;
    return [error(what, seen, `set in this shell what is missing, then ${deployCommand}`)];
  }
}

/** Never the values: many of them are secrets. */
function differingOf(name: FunctionName, found: DeployedFunction, { shell, deployCommand }: Admitted): Finding[] {
  const different = Object.entries(found.variables)
    .filter(([variable, value]) => isSet(shell[variable]) && isSet(value) && shell[variable] !== value)
    .map(([variable]) => variable);
  if (different.length === 0) return [];
  const seen = `${different.join(', ')} ${different.length === 1 ? 'is' : 'are'} another than in this shell`;
  return [warning(`variables of ${name}`, seen, `correct this shell, or ${deployCommand}`)];
}

function triggersOf(name: FunctionName, triggers: readonly Trigger[], { deployCommand }: Admitted): Finding[] {
  const timer = triggers.find(({ type }) => type === 'timer');
  const findings: Finding[] = [];
  if (!timer) findings.push(error(`sweep of ${name}`, 'has no timer trigger', deployCommand));
  else if (timer.config['enable'] !== true)
    findings.push(error(`sweep of ${name}`, `its timer ${timer.name} is switched off`, deployCommand));
  return name === 'ingest' ? [...findings, ...callbackTriggerOf(triggers, deployCommand)] : findings;
}

function callbackTriggerOf(triggers: readonly Trigger[], deployCommand: string): Finding[] {
  const what = 'callback address';
  const trigger = triggers.find(({ type }) => type === 'http');
  if (!trigger) return [error(what, 'ingest has no HTTP trigger', deployCommand)];
  if (trigger.config['authType'] !== 'anonymous')
    return [error(what, 'its trigger asks for a signature of Alibaba Cloud, which no platform sends', deployCommand)];
  if (trigger.config['disableURLInternet'] === true)
    return [error(what, 'it is not reachable from the internet', deployCommand)];
  return [];
}
