import type { Identity } from '../identities.ts';

/** Why a request was turned away, as the gateway in front of every API says it. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** Exactly one of the two is present. */
export type Verification = { identity: Identity; refusal?: undefined } | { refusal: Refusal; identity?: undefined };

export function refuse(status: number, code: string, message: string): { refusal: Refusal } {
  return { refusal: { status, code, message } };
}

/** The gateway names what is missing in the code itself: `MissingSignatureNonce`. */
export function refuseMissing(name: string): { refusal: Refusal } {
  return refuse(400, `Missing${name}`, `${name} is mandatory for this action.`);
}
