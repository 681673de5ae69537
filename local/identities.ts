/** Who may sign requests to the embedded cloud. Every service looks keys up here and nowhere else. */
export interface Identity {
  accessKeyId: string;
  accessKeySecret: string;
  /** Present on temporary (STS) keys; such a key is valid only together with this token. */
  securityToken?: string;
  /** For messages and logs: `root`, `function:<name>`. */
  name: string;
  /** The RAM role that a function's key belongs to; without one everything is allowed. */
  role?: string;
}

export interface Identities {
  accountId: string;
  find(accessKeyId: string): Identity | undefined;
  add(identity: Identity): void;
}

export function createIdentities(accountId: string): Identities {
  const known = new Map<string, Identity>();
  return {
    accountId,
    find: (accessKeyId) => known.get(accessKeyId),
    add: (identity) => void known.set(identity.accessKeyId, identity),
  };
}
