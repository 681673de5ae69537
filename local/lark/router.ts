import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/server.ts';
import { errorResponse, jsonResponse, LarkError, tooFast } from './api-error.ts';
import type { Call, Operation, World } from './operation.ts';
import { cancelInstance } from './operations/cancel-instance.ts';
import { createComment, deleteComment, removeComments } from './operations/comments.ts';
import { createInstance } from './operations/create-instance.ts';
import { approveTask, rejectTask } from './operations/decide-task.ts';
import { getDefinition } from './operations/get-definition.ts';
import { getInstance } from './operations/get-instance.ts';
import { getMessage } from './operations/get-message.ts';
import { getTenantAccessToken } from './operations/get-tenant-access-token.ts';
import { getUser } from './operations/get-user.ts';
import { listChats } from './operations/list-chats.ts';
import { listComments } from './operations/list-comments.ts';
import { listInstances } from './operations/list-instances.ts';
import { listScopes } from './operations/list-scopes.ts';
import { patchMessage } from './operations/patch-message.ts';
import { postToCustomBot } from './operations/post-to-custom-bot.ts';
import { queryInstances } from './operations/query-instances.ts';
import { replyMessage } from './operations/reply-message.ts';
import { sendMessage } from './operations/send-message.ts';
import { subscribe } from './operations/subscribe.ts';
import { unsubscribe } from './operations/unsubscribe.ts';
import { updateMessage } from './operations/update-message.ts';
import type { App } from './organisation.ts';
import type { Quota } from './quota.ts';
import type { RateLimits } from './rate-limits.ts';

/** Everything the service answers; of two that fit, the one that stands first. */
const OPERATIONS: Operation[] = [
  getTenantAccessToken,
  getDefinition,
  subscribe,
  unsubscribe,
  createInstance,
  listInstances,
  queryInstances,
  cancelInstance,
  getInstance,
  approveTask,
  rejectTask,
  removeComments,
  createComment,
  listComments,
  deleteComment,
  sendMessage,
  getMessage,
  replyMessage,
  patchMessage,
  updateMessage,
  listChats,
  listScopes,
  getUser,
  postToCustomBot,
];

export interface RouterTools {
  world: World;
  limits: RateLimits;
  quota: Quota;
  faults: Faults;
  newId: () => string;
}

export function createRouter(tools: RouterTools): HttpHandler {
  return withFaults(async (request) => answer(request, tools), {
    service: 'lark',
    faults: tools.faults,
    operationOf: (request) => findOperation(request)?.operation.name ?? 'unknown',
    errorResponse: (status, code, message) => {
      const limited = code === '99991400' ? { resetSeconds: 1 } : {};
      return errorResponse(new LarkError(numberOf(code), message, { status, ...limited }), tools.newId());
    },
  });
}

function answer(request: HttpRequest, { world, limits, quota, newId }: RouterTools): HttpResponse {
  try {
    const found = findOperation(request);
    if (!found) throw new LarkError(99991201, 'resource not find', { status: 404 });
    const { operation, path } = found;
    const app = operation.needsToken ? callerOf(request, world) : world.organisation.app;
    checkScopes(operation, app, world);
    if (operation.needsToken) {
      if (!quota.take()) throw new LarkError(99991403, "This month's API call quota has been exceeded");
    }
    const wait = operation.limit ? limits.take(operation.name, operation.limit) : 0;
    if (wait > 0) throw tooFast(Math.ceil(wait / 1000));
    return jsonResponse(200, { code: 0, msg: 'success', ...operation.answer(world, { request, path, app }) });
  } catch (error) {
    if (!(error instanceof LarkError)) throw error;
    return errorResponse(error, newId());
  }
}

/** https://open.feishu.cn/document/ukTMukTMukTM/ugjM14COyUjL4ITN */
function callerOf({ headers }: HttpRequest, { tokens, organisation }: World): App {
  const [, token = ''] = /^Bearer (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (!token) throw new LarkError(99991661, 'Need a token');
  if (!/^[tu]-/.test(token)) throw new LarkError(99991671, 'Invalid token: must start with t-/u-');
  const message = 'Invalid access token for authorization. Please make a request with token attached.';
  if (token.startsWith('u-')) throw new LarkError(99991668, message);
  const id = tokens.appOf(token);
  const app = [organisation.app, ...organisation.otherApps].find(({ app_id }) => app_id === id);
  if (!app) throw new LarkError(99991663, message, { status: organisation.invalidTokenStatus });
  return app;
}

function checkScopes({ scopes }: Operation, app: App, { organisation }: World): void {
  if (!organisation.enforceScopes || !scopes || scopes.some((scope) => app.scopes.includes(scope))) return;
  throw new LarkError(99991672, `Access denied. One of the following scopes is required: [${scopes.join(', ')}].`);
}

function findOperation({ method, rawPath }: HttpRequest): { operation: Operation; path: Call['path'] } | undefined {
  for (const operation of OPERATIONS) {
    const path = operation.method === method ? match(`/open-apis/${operation.path}`, rawPath) : undefined;
    if (path) return { operation, path };
  }
  return undefined;
}

function match(pattern: string, rawPath: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = rawPath.split('/');
  if (wanted.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':') && value) path[part.slice(1)] = decode(value);
    else if (part !== value) return undefined;
  }
  return path;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A code that is no number (as a fault may ask for) is sent as -1. */
function numberOf(code: string): number {
  const value = Number(code);
  return Number.isInteger(value) ? value : -1;
}
