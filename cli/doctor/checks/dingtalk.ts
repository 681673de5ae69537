import * as z from 'zod/mini';
import { PermanentError } from '../../../shared/errors.ts';
import type { DingtalkClient } from '../../../shared/platforms/dingtalk/client.ts';
import { fieldOf } from '../../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../../shared/workflows/schema.ts';
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
    const client = openDingtalk(variables, tools)?.client;
    // A variable that is missing is named with the functions.
    if (!client) return [];
    // Any call needs the token first; this one costs nothing of the month's.
    const code = await refusalOf(client.callOld('/topapi/v2/user/get', FOR_NOBODY, z.unknown()));
    if (code !== undefined && WRONG_CREDENTIALS.test(code)) return [refusedCredentials(code)];
    const found = Object.entries(workflows.workflows).map(([name, workflow]) => template(client, name, workflow));
    return [
      ...(await mayList(client, patient)),
      ...(code === NO_PERMISSION ? [NAMELESS] : []),
      ...(await mayWrite(client, workflows)),
      ...(await Promise.all(found)).flat(),
    ];
  },
};

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

const WRONG_CREDENTIALS = /ClientId|AppKey/i;

function refusedCredentials(code: string): Finding {
  return error(
    'app of dingtalk',
    `its credentials are refused: ${code}`,
    'set DINGTALK_APP_KEY and DINGTALK_APP_SECRET to Client ID and Client Secret of the app’s page, then deploy',
  );
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
async function mayWrite(client: DingtalkClient, { workflows }: Workflows): Promise<Finding[]> {
  const request = { method: 'POST', path: '/v1.0/workflow/processInstances/comments', body: ON_NOTHING } as const;
  const isGranted = (await refusalOf(client.call(request, z.unknown()))) !== DENIED;
  const isNeeded = Object.values(workflows).some(({ comment_as }) => comment_as?.dingtalk !== undefined);
  const what = 'permissions of dingtalk';
  if (isGranted === isNeeded) return [];
  if (isNeeded)
    return [error(what, 'Workflow.Instance.Write is missing, for comment_as', 'grant it, or take comment_as away')];
  return [
    note(what, 'Workflow.Instance.Write is granted and not needed: its holder could agree in the name of an approver'),
  ];
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
