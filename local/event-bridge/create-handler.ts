import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler, HttpRequest } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { EventBridgeError, errorResponse, jsonResponse } from './event-bridge-error.ts';
import type { Operations } from './operations/operation.ts';
import { verifySignature } from './verify-signature.ts';
import { WEBHOOK_PATH } from './webhook.ts';

export interface HandlerOptions {
  identities: Identities;
  clock: Clock;
  /** The time callers sign with; default `clock`. Differs when `clock` is accelerated: SDKs use the machine's time. */
  signatureClock?: Clock;
  log: Log;
  faults: Faults;
  newId: () => string;
  putEvents: (request: HttpRequest) => object;
  webhook: (request: HttpRequest) => object;
  operations: Operations;
}

const PATH_PREFIX = '/openapi/';
/** Far above the limits of a batch, since extensions and JSON syntax are not counted there. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The HTTP side of the service: signature, choice of the operation, the shapes of answers and errors. */
export function createHandler(options: HandlerOptions): HttpHandler {
  const { identities, log, faults, newId } = options;
  const dispatch = createDispatch(options);
  const handle: HttpHandler = async (request) => {
    const requestId = newId();
    try {
      const result = await dispatch(request);
      return jsonResponse(200, { RequestId: requestId, ResourceOwnerAccountId: identities.accountId, ...result });
    } catch (error) {
      if (error instanceof EventBridgeError) return errorResponse(error.status, error.code, error.message, requestId);
      log.error('request failed', { action: actionOf(request), error: errorMessage(error) });
      return errorResponse(500, 'InternalError', 'InternalError', requestId);
    }
  };
  return withFaults(handle, {
    service: 'event-bridge',
    faults,
    operationOf: operationName,
    errorResponse: (status, code, message) => errorResponse(status, code, message, newId()),
  });
}

function createDispatch(options: HandlerOptions): (request: HttpRequest) => object | Promise<object> {
  const { identities, clock, putEvents, webhook } = options;
  const operations = new Map(Object.entries(options.operations));
  return (request) => {
    if (request.body.length > MAX_BODY_BYTES) {
      throw new EventBridgeError(400, 'EventSizeExceed', `The request is longer than ${MAX_BODY_BYTES} bytes.`);
    }
    if (request.rawPath === WEBHOOK_PATH) return webhook(request);
    verifySignature(request, identities, (options.signatureClock ?? clock).now());
    const action = request.method === 'POST' ? actionOf(request) : '';
    if (action === 'putEvents') return putEvents(request);
    const operation = operations.get(action);
    if (!operation) throw new EventBridgeError(404, 'InvalidAction.NotFound', 'This operation is not emulated.');
    return operation(request.body, request.headers.host ?? '');
  };
}

/** `createRule`, or `v2/createEventSource`; empty for a path of another service. */
function actionOf(request: HttpRequest): string {
  return request.rawPath.startsWith(PATH_PREFIX) ? request.rawPath.slice(PATH_PREFIX.length) : '';
}

/** `CreateRule`, `CreateEventSource`, as faults name it; `WebHook` for what comes to an HTTP event source. */
function operationName(request: HttpRequest): string {
  if (request.rawPath === WEBHOOK_PATH) return 'WebHook';
  const name = actionOf(request).replace(/^v2\//, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}
