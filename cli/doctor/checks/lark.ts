import * as z from 'zod/mini';
import { type Subscription, subscribe } from '../../../setup/lark-subscriptions.ts';
import { PermanentError } from '../../../shared/errors.ts';
import { parseJson } from '../../../shared/json.ts';
import type { LarkClient } from '../../../shared/platforms/lark/client.ts';
import { START_APP } from '../../../shared/platforms/lark/environment.ts';
import { fieldOf } from '../../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../../shared/workflows/schema.ts';
import { asksIn } from '../asks-in.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note, warning } from '../finding.ts';
import { openLark } from '../open-lark.ts';

/** The app's credentials and scopes, the definitions and the subscription to each. */
export const lark: Check = {
  name: 'lark',
  fine: 'the app has the scopes it needs and no other, and is subscribed to the definitions',
  needs: [],
  async look({ platforms, variables, tools, workflows }) {
    const opened = platforms.includes('lark') ? openLark(variables, tools) : undefined;
    // A variable that is missing is named with the functions.
    if (!opened || !workflows) return [];
    const { client, starter } = opened;
    const ofStarter = starter ? await ofApp('start app of lark', START_APP, () => starterScopes(starter)) : [];
    const ofFirst = await ofApp('app of lark', ['LARK_APP_ID', 'LARK_APP_SECRET'], async () => {
      const granted = await grantedScopes(client);
      const found = Object.entries(workflows.workflows).map(([name, workflow]) => definition(client, name, workflow));
      return [...scopes(granted, workflows, starter !== undefined), ...(await Promise.all(found)).flat()];
    });
    return [...ofFirst, ...ofStarter];
  },
};

/** What is found of an app, or that its credentials are refused. */
async function ofApp(what: string, variables: readonly string[], look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (fault) {
    if (!(fault instanceof PermanentError)) throw fault;
    const mend = `set ${variables.join(' and ')} to those of the app’s page, and LARK_DOMAIN to its cloud; then deploy`;
    return [error(what, `its credentials are refused: ${fault.code}`, mend)];
  }
}

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
/** Either lets an app start approvals; the second does less beside it. */
const STARTS = ['approval:approval', 'approval:instance'];
const GRANT = 'grant it on the app’s page and release a version; docs/lark.md lists all';

function scopes(granted: readonly string[], workflows: Workflows, hasStarter: boolean): Finding[] {
  const has = (...names: string[]) => names.some((name) => granted.includes(name));
  const what = 'scopes of lark';
  const isAsked = asksIn(workflows, 'lark');
  const startsItself = isAsked && !hasStarter;
  const wanted: [boolean, string, ...string[]][] = [
    [true, 'approval:approval:readonly', 'approval:approval'],
    [true, 'approval:approval.list:readonly', 'approval:approval'],
    [speaks(workflows), 'im:message:send_as_bot', 'im:message', 'im:message:send'],
    [comments(workflows), 'approval:instance.comment', 'approval:approval'],
    [isAsked, 'im:message.group_at_msg:readonly', 'im:message.group_at_msg'],
    [startsItself, 'approval:instance', 'approval:approval'],
    [isAsked && hasStarter, 'contact:user.employee_id:readonly'],
  ];
  const missing = wanted.filter(([isWanted, ...names]) => isWanted && !has(...names)).map(([, name]) => name);
  const unnamed = ['contact:contact.base:readonly', 'contact:user.base:readonly'].filter((name) => !has(name));
  const wide = granted.filter((name) => TOO_WIDE.includes(name) && !(startsItself && name === 'approval:instance'));
  return [
    ...missing.map((name) => error(what, `${name} is missing`, GRANT)),
    ...unnamed.map((name) => warning(what, `${name} is missing: messages show ids instead of names`, GRANT)),
    ...wide.map((name) => tooWide(what, name, hasStarter && STARTS.includes(name))),
  ];
}

function tooWide(what: string, name: string, isOfStarter: boolean): Finding {
  const why = isOfStarter ? 'although another app starts approvals' : 'which the loop does not need';
  const mend = 'take it away and release a version: docs/lark.md says what it could do';
  return warning(what, `${name} is granted, ${why}`, mend);
}

/** The second app has one scope, and no more. */
async function starterScopes(starter: LarkClient): Promise<Finding[]> {
  const what = 'scopes of the start app of lark';
  const granted = await grantedScopes(starter);
  const wide = granted.filter((name) => TOO_WIDE.includes(name) && name !== 'approval:instance');
  const isMissing = !granted.some((name) => STARTS.includes(name));
  return [
    ...(isMissing ? [error(what, 'approval:instance is missing', GRANT)] : []),
    ...wide.map((name) => tooWide(what, name, false)),
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
