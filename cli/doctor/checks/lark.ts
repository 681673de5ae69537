import * as z from 'zod/mini';
import { type Subscription, subscribe } from '../../../setup/lark-subscriptions.ts';
import { PermanentError } from '../../../shared/errors.ts';
import { parseJson } from '../../../shared/json.ts';
import type { LarkClient } from '../../../shared/platforms/lark/client.ts';
import { fieldOf } from '../../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../../shared/workflows/schema.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note, warning } from '../finding.ts';
import { openLark } from '../open-lark.ts';

/** The app's credentials and scopes, the definitions and the subscription to each. */
export const lark: Check = {
  name: 'lark',
  fine: 'the app has the scopes it needs and no other, and is subscribed to the definitions',
  needs: [],
  async look({ platforms, variables, tools, workflows }) {
    const client = platforms.includes('lark') ? openLark(variables, tools)?.client : undefined;
    // A variable that is missing is named with the functions.
    if (!client || !workflows) return [];
    try {
      const granted = await grantedScopes(client);
      const found = Object.entries(workflows.workflows).map(([name, workflow]) => definition(client, name, workflow));
      return [...scopes(granted, workflows), ...(await Promise.all(found)).flat()];
    } catch (fault) {
      if (!(fault instanceof PermanentError)) throw fault;
      const mend =
        'set LARK_APP_ID and LARK_APP_SECRET to those of the app’s page, and LARK_DOMAIN to its cloud; then deploy';
      return [error('app of lark', `its credentials are refused: ${fault.code}`, mend)];
    }
  },
};

const GRANTED = 1;
const scopesSchema = z.object({
  scopes: z._default(z.array(z.object({ scope_name: z.string(), grant_status: z.number() })), []),
});

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/application-v6/scope/list */
async function grantedScopes(client: LarkClient): Promise<string[]> {
  const { scopes: all } = await client.call({ method: 'GET', path: '/open-apis/application/v6/scopes' }, scopesSchema);
  return all.filter(({ grant_status }) => grant_status === GRANTED).map(({ scope_name }) => scope_name);
}

/** Scopes with which somebody could give or change the approvals that the loop relies on: docs/lark.md. */
const TOO_WIDE = ['approval:approval', 'approval:instance', 'approval:task', 'approval:definition'];

function scopes(granted: readonly string[], workflows: Workflows): Finding[] {
  const has = (...names: string[]) => names.some((name) => granted.includes(name));
  const what = 'scopes of lark';
  const missing = [
    ...(has('approval:approval:readonly', 'approval:approval') ? [] : ['approval:approval:readonly']),
    ...(has('approval:approval.list:readonly', 'approval:approval') ? [] : ['approval:approval.list:readonly']),
    ...(has('im:message:send_as_bot', 'im:message', 'im:message:send') || !speaks(workflows)
      ? []
      : ['im:message:send_as_bot']),
    ...(has('approval:instance.comment', 'approval:approval') || !comments(workflows)
      ? []
      : ['approval:instance.comment']),
  ];
  const unnamed = ['contact:contact.base:readonly', 'contact:user.base:readonly'].filter((name) => !has(name));
  const wide = granted.filter((name) => TOO_WIDE.includes(name));
  const grant = 'grant it on the app’s page and release a version; docs/lark.md lists all';
  return [
    ...missing.map((name) => error(what, `${name} is missing`, grant)),
    ...unnamed.map((name) => warning(what, `${name} is missing: messages show ids instead of names`, grant)),
    ...wide.map((name) =>
      warning(
        what,
        `${name} is granted, which the loop does not need`,
        'take it away and release a version: docs/lark.md says what it could do',
      ),
    ),
  ];
}

function speaks({ chats, operators }: Workflows): boolean {
  return operators?.lark !== undefined || Object.values(chats).some(({ lark: chat }) => chat?.chat_id !== undefined);
}

function comments({ workflows }: Workflows): boolean {
  return Object.values(workflows).some(({ comment_as }) => comment_as?.lark !== undefined);
}

const formSchema = z.object({ form: z.string() });
const widgetsSchema = z.array(
  z.object({ id: z.string(), custom_id: z.optional(z.string()), name: z.optional(z.string()) }),
);

async function definition(client: LarkClient, name: string, workflow: Workflow): Promise<Finding[]> {
  const code = workflow.on.lark?.approval_code;
  if (code === undefined) return [];
  const what = `definition of ${name} in lark`;
  const path = `/open-apis/approval/v4/approvals/${encodeURIComponent(code)}`;
  try {
    const { form } = await client.call({ method: 'GET', path }, formSchema);
    return [...missingFields(what, form, workflow), ...SUBSCRIBED[await subscribe(client, code)](what)];
  } catch (fault) {
    if (!(fault instanceof PermanentError)) throw fault;
    return [error(what, `is not to be read: ${fault.code}`, 'correct the approval code in this shell, then deploy')];
  }
}

function missingFields(what: string, form: string, { parameters }: Workflow): Finding[] {
  const widgets = widgetsSchema.safeParse(parseJson(form)).data ?? [];
  const names = widgets.flatMap(({ id, custom_id, name }) => [id, custom_id, name]);
  const wanted = Object.values(parameters).flatMap((parameter) => fieldOf(parameter, 'lark') ?? []);
  return wanted
    .filter((field) => !names.includes(field))
    .map((field) =>
      error(what, `its form has no ${field}`, 'correct "field" in workflows.yaml, or the form; then deploy'),
    );
}

/** Lark tells only by subscribing: what was missing is there when it is found. */
const SUBSCRIBED: Record<Subscription, (what: string) => Finding[]> = {
  'was subscribed': () => [],
  'is subscribed now': (what) => [
    warning(
      what,
      'the app was not subscribed to it, so that no event came',
      'nothing: asking has subscribed it, and what was approved before is found within the hour',
    ),
  ],
  'no such definition': (what) => [error(what, 'Lark has none of this code', 'correct it in this shell, then deploy')],
  'scope missing': (what) => [
    note(what, 'whether the app is subscribed to it only approval:definition could tell, which it should not keep'),
  ],
};
