import type { HttpRequest } from '../http/server.ts';
import type { Verification } from './verification.ts';
import { type SignatureOptions, verifyAcs3 } from './verify-acs3.ts';
import { verifyRpc } from './verify-rpc.ts';

/** Whether the headers of a call are under its signature; those of the older scheme are not. */
export function isAcs3(request: HttpRequest): boolean {
  return request.headers.authorization?.startsWith('ACS3-') ?? false;
}

/** Verifies a call that may carry either signature, as the gateway of an RPC style product does. */
export function verifySignature(request: HttpRequest, options: SignatureOptions): Verification {
  return isAcs3(request) ? verifyAcs3(request, options) : verifyRpc(request, options);
}
