import * as z from 'zod/mini';
import { PermanentError } from '../../../shared/errors.ts';
import type { DingtalkClient } from '../../../shared/platforms/dingtalk/client.ts';
import { START_APP } from '../../../shared/platforms/dingtalk/environment.ts';
import { fieldOf } from '../../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../../shared/workflows/schema.ts';
import { asksIn } from '../asks-in.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note, warning } from '../finding.ts';
import { openDingtalk } from '../open-dingtalk.ts';
import type { Admitted } from '../patient.ts';

const DENIED = 'dingtalk.Forbidden.AccessDenied.AccessTokenPermissionDenied';
const MINUTE_MS = 60_000;

/** The app's credentials, its permissions as far as a call without effect shows them, and the templates. */
export const dingtalk: Check = {
  name: 'dingtalk',
  fine: 'the app may read what it has to, and the templates fit workflows.yaml',
  needs: [],
  async look(patient) {
    const { platforms, variables, tools, workflows } = patient;
    if (!platforms.includes('dingtalk') || !workflows) return [];
    const opened = openDingtalk(variables, tools);
    // A variable that is missing is named with the functions.
    if (!opened) return [];
    const { client, starter } = opened;
    const code = await tokenRefusal(client);
    if (isWrong(code)) return [refusedCredentials('app of dingtalk', FIRST_APP, code)];
    const starterCode = starter && (await tokenRefusal(starter));
    const isRefused = isWrong(starterCode);
    const forms = starter && !isRefused ? starter : client;
    const found = Object.entries(workflows.workflows).map(([name, workflow]) => template(forms, name, workflow));
    return [
      ...(await mayList(client, patient)),
      ...(code === NO_PERMISSION ? [NAMELESS] : []),
      ...(await mayWrite(client, workflows, starter !== undefined)),
      ...(isRefused ? [refusedCredentials('start app of dingtalk', START_APP, starterCode)] : []),
      ...(starter && !isRefused ? await mayStart(starter) : []),
      ...(await Promise.all(found)).flat(),
    ];
  },
};

/** Any call needs the token first; this one costs nothing of the month's. */
const tokenRefusal = (client: DingtalkClient) =>
  refusalOf(client.callOld('/topapi/v2/user/get', FOR_NOBODY, z.unknown()));
const FOR_NOBODY = { userid: 'approval-loop-doctor', language: 'zh_CN' };

/** The code of a refusal for good, or undefined for an answer. */
async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (fault) {
    if (fault instanceof PermanentError) return fault.code;
    throw fault;
  }
}

const isWrong = (code: string | undefined): code is string => /ClientId|AppKey/i.test(code ?? '');
const FIRST_APP = ['DINGTALK_APP_KEY', 'DINGTALK_APP_SECRET'];

function refusedCredentials(what: string, variables: readonly string[], code: string): Finding {
  const mend = `set ${variables.join(' and ')} to Client ID and Client Secret of the app’s page, then deploy`;
  return error(what, `its credentials are refused: ${code}`, mend);
}

/** https://open.dingtalk.com/document/development/obtain-an-approval-list-of-instance-ids ; of the last minute. */
async function mayList(client: DingtalkClient, { workflows, tools }: Admitted): Promise<Finding[]> {
  const processCode = Object.values(workflows?.workflows ?? {}).find(({ on }) => on.dingtalk)?.on.dingtalk
    ?.process_code;
  if (processCode === undefined) return [];
  const endTime = tools.clock.now();
  const body = { processCode, startTime: endTime - MINUTE_MS, endTime, maxResults: 1, nextToken: 0 };
  const path = '/v1.0/workflow/processes/instanceIds/query';
  const code = await refusalOf(client.call({ method: 'POST', path, body }, z.unknown()));
  if (code === undefined) return [];
  if (code === DENIED)
    return [
      error(
        'permissions of dingtalk',
        'Workflow.Instance.Read is missing',
        'grant it on the app’s page; docs/dingtalk.md lists all',
      ),
    ];
  return [
    error(
      'approvals of dingtalk',
      `cannot be listed: ${code}`,
      'see that the process code is one of this organisation',
    ),
  ];
}

const NO_PERMISSION = 'dingtalk.60011';
const NAMELESS = warning(
  'permissions of dingtalk',
  'qyapi_get_member is missing: messages show ids instead of names',
  'grant it on the app’s page',
);

const ON_NOTHING = {
  processInstanceId: 'approval-loop-doctor',
  commentUserId: 'approval-loop-doctor',
  text: 'approval-loop doctor',
};

/** Asked by a comment of nobody on an approval that is none: without the permission it is refused for that. */
async function maySaveApprovals(client: DingtalkClient): Promise<boolean> {
  const request = { method: 'POST', path: '/v1.0/workflow/processInstances/comments', body: ON_NOTHING } as const;
  return (await refusalOf(client.call(request, z.unknown()))) !== DENIED;
}

async function mayWrite(client: DingtalkClient, workflows: Workflows, hasStarter: boolean): Promise<Finding[]> {
  const isGranted = await maySaveApprovals(client);
  const comments = Object.values(workflows.workflows).some(({ comment_as }) => comment_as?.dingtalk !== undefined);
  const starts = asksIn(workflows, 'dingtalk') && !hasStarter;
  const what = 'permissions of dingtalk';
  if (isGranted === (comments || starts)) return [];
  if (!isGranted) {
    const [why, mend] = comments ? ['comment_as', 'take comment_as away'] : ['words', 'take words away'];
    return [error(what, `Workflow.Instance.Write is missing, for ${why}`, `grant it, or ${mend}`)];
  }
  if (hasStarter) {
    const seen = 'Workflow.Instance.Write is granted, although another app starts approvals';
    return [warning(what, seen, 'take it away and publish a version: docs/dingtalk.md says what it could do')];
  }
  return [
    note(what, 'Workflow.Instance.Write is granted and not needed: its holder could agree in the name of an approver'),
  ];
}

async function mayStart(starter: DingtalkClient): Promise<Finding[]> {
  if (await maySaveApprovals(starter)) return [];
  const what = 'permissions of the start app of dingtalk';
  return [error(what, 'Workflow.Instance.Write is missing', 'grant it on that app’s page, and publish a version')];
}

const propsSchema = z.object({
  id: z.optional(z.string()),
  label: z.optional(z.string()),
  bizAlias: z.optional(z.string()),
});
const itemSchema = z.object({ props: propsSchema });
const formSchema = z.object({ result: z.object({ schemaContent: z.object({ items: z.array(itemSchema) }) }) });

/** https://open.dingtalk.com/document/development/obtain-the-form-schema */
async function template(client: DingtalkClient, name: string, workflow: Workflow): Promise<Finding[]> {
  const processCode = workflow.on.dingtalk?.process_code;
  if (processCode === undefined) return [];
  const what = `template of ${name} in dingtalk`;
  const path = '/v1.0/workflow/forms/schemas/processCodes';
  try {
    const { result } = await client.call({ method: 'GET', path, query: { processCode } }, formSchema);
    const fields = result.schemaContent.items.flatMap(({ props }) => [props.id, props.label, props.bizAlias]);
    return missingFields(workflow, fields).map((field) =>
      error(what, `its form has no ${field}`, 'correct "field" in workflows.yaml, or the form; then deploy'),
    );
  } catch (fault) {
    if (!(fault instanceof PermanentError)) throw fault;
    if (fault.code === DENIED)
      return [
        note(what, 'its form cannot be compared: Workflow.Form.Read is not granted, as it should be in operation'),
      ];
    return [error(what, `is not to be read: ${fault.code}`, 'correct the process code in this shell, then deploy')];
  }
}

function missingFields({ parameters }: Workflow, fields: readonly (string | undefined)[]): string[] {
  const wanted = Object.values(parameters).flatMap((parameter) => fieldOf(parameter, 'dingtalk') ?? []);
  return wanted.filter((field) => !fields.includes(field));
}
