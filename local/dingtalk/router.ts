import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http/server.ts';
import { jsonResponse, NewApiError, newApiErrorResponse, OldApiError, oldApiErrorResponse } from './api-errors.ts';
import type { Operation, World } from './operation.ts';
import { commentInstance } from './operations/comment-instance.ts';
import { createCard } from './operations/create-card.ts';
import { createInstance } from './operations/create-instance.ts';
import { deliverCard } from './operations/deliver-card.ts';
import { executeTask } from './operations/execute-task.ts';
import { getAccessToken } from './operations/get-access-token.ts';
import { getFailedCallbacks } from './operations/get-failed-callbacks.ts';
import { getFormSchema } from './operations/get-form-schema.ts';
import { getInstance } from './operations/get-instance.ts';
import { getToken } from './operations/get-token.ts';
import { getUser } from './operations/get-user.ts';
import { queryInstanceIds } from './operations/query-instance-ids.ts';
import { recallGroupMessages } from './operations/recall-group-messages.ts';
import { registerCardCallback } from './operations/register-card-callback.ts';
import { sendBySession } from './operations/send-by-session.ts';
import { sendDirectMessages } from './operations/send-direct-messages.ts';
import { sendGroupMessage } from './operations/send-group-message.ts';
import { sendRobotMessage } from './operations/send-robot-message.ts';
import { terminateInstance } from './operations/terminate-instance.ts';
import { updateCard } from './operations/update-card.ts';
import type { App } from './organisation.ts';
import type { Quota } from './quota.ts';

/** Everything the service answers; paths under `/v1.0/` are api.dingtalk.com, the others oapi.dingtalk.com. */
const OPERATIONS: Operation[] = [
  getAccessToken,
  createInstance,
  getInstance,
  executeTask,
  terminateInstance,
  commentInstance,
  queryInstanceIds,
  getFormSchema,
  getToken,
  getUser,
  sendRobotMessage,
  sendGroupMessage,
  recallGroupMessages,
  sendDirectMessages,
  sendBySession,
  createCard,
  deliverCard,
  updateCard,
  registerCardCallback,
  getFailedCallbacks,
];

export interface RouterTools {
  world: World;
  quota: Quota;
  faults: Faults;
  newId: () => string;
}

export function createRouter({ world, quota, faults, newId }: RouterTools): HttpHandler {
  const operationOf = (request: HttpRequest) => findOperation(request)?.name ?? 'unknown';
  const newApi = withFaults(async (request) => answerNewApi(request, world, quota, newId()), {
    service: 'dingtalk',
    faults,
    operationOf,
    errorResponse: (status, code, message) => newApiErrorResponse(status, code, message, newId()),
  });
  const oldApi = withFaults(async (request) => answerOldApi(request, world, quota, newId()), {
    service: 'dingtalk',
    faults,
    operationOf,
    errorResponse: (_status, code, message) => oldApiErrorResponse(new OldApiError(Number(code), message), newId()),
  });
  return (request, signal) => (request.rawPath.startsWith('/v1.0/') ? newApi : oldApi)(request, signal);
}

function answerNewApi(request: HttpRequest, world: World, quota: Quota, requestId: string): HttpResponse {
  try {
    const operation = findOperation(request);
    if (!operation) {
      const message = 'Specified api is not found, please check your url and method.';
      throw new NewApiError('InvalidAction.NotFound', message, 404);
    }
    if (operation.needsToken) checkPermission(operation, checkNewApiToken(request, world));
    if (!quota.take(operation.pot)) {
      throw new NewApiError('Forbidden.AccessDenied.ApiCountLimitForOrg', '企业接口调用量已达上限', 403);
    }
    return jsonResponse(200, operation.answer(world, request));
  } catch (error) {
    if (!(error instanceof NewApiError)) throw error;
    return newApiErrorResponse(error.status, error.code, error.message, requestId);
  }
}

function answerOldApi(request: HttpRequest, world: World, quota: Quota, requestId: string): HttpResponse {
  try {
    const operation = findOperation(request);
    if (!operation) throw unknownOldApi(request);
    if (operation.needsToken) checkOldApiToken(request, world);
    if (!quota.take(operation.pot)) {
      const errcode = operation.pot === 'apiCalls' ? 90020 : 90030;
      throw new OldApiError(errcode, '企业接口调用量已达上限');
    }
    const body = operation.answer(world, request);
    return jsonResponse(200, { errcode: 0, errmsg: 'ok', ...body, request_id: requestId });
  } catch (error) {
    if (!(error instanceof OldApiError)) throw error;
    return oldApiErrorResponse(error, requestId);
  }
}

function findOperation({ method, rawPath }: HttpRequest): Operation | undefined {
  return OPERATIONS.find((operation) => operation.path === rawPath && operation.method === method);
}

/** Missing header: seen from the real service. A wrong and an expired token look the same. */
function checkNewApiToken({ headers }: HttpRequest, { tokens }: World): App | undefined {
  const token = headers['x-acs-dingtalk-access-token'];
  if (typeof token !== 'string' || token === '') {
    throw new NewApiError('AuthenticationFailed.MissingParameter', '缺少参数：x-acs-dingtalk-access-token');
  }
  if (tokens.check(token) !== 'valid') throw new NewApiError('InvalidAuthentication', '不合法的access_token');
  return tokens.appOf(token);
}

function checkPermission({ permission }: Operation, app: App | undefined): void {
  if (permission === undefined || (app?.permissions?.includes(permission) ?? true)) return;
  const message = `应用尚未开通所需的权限：[${permission}]`;
  throw new NewApiError('Forbidden.AccessDenied.AccessTokenPermissionDenied', message, 403);
}

/** `/topapi/` wraps failures of the token in 88 with a text `sub_code`; other paths name them directly (both were seen). */
function checkOldApiToken({ query, rawPath }: HttpRequest, { tokens }: World): void {
  const state = tokens.check(query.get('access_token') ?? '');
  if (state === 'valid') return;
  const [code, message] = state === 'expired' ? [42001, 'access_token超时'] : [40014, '不合法的access_token'];
  if (!rawPath.startsWith('/topapi/')) throw new OldApiError(code, message);
  const text = `ding talk error[subcode=${code},submsg=${message}]`;
  throw new OldApiError(88, text, { code: String(code), message });
}

function unknownOldApi({ rawPath, method }: HttpRequest): OldApiError {
  const known = OPERATIONS.find(({ path }) => path === rawPath);
  if (known) return method === 'GET' ? new OldApiError(43002, '需要POST请求') : new OldApiError(43001, '需要GET请求');
  if (!rawPath.startsWith('/topapi/')) return new OldApiError(404, '请求的URI地址不存在');
  return new OldApiError(22, 'Invalid method', { message: '不合法ApiName' });
}
