import type { Operation } from '../operation.ts';

const GRANTED = 1;

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/application-v6/scope/list ; needs no scope itself. */
export const listScopes: Operation = {
  name: 'scopes/list',
  method: 'GET',
  path: 'application/v6/scopes',
  needsToken: true,
  answer: (_, { app }) => ({
    data: { scopes: app.scopes.map((scope_name) => ({ scope_name, grant_status: GRANTED })) },
  }),
};
