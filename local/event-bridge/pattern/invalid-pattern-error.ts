/** A pattern that breaks a rule of PATTERNS.md. `path` says where, spelt like `$.data["c-count"][0].numeric`. */
export class InvalidPatternError extends Error {
  override readonly name = 'InvalidPatternError';
  readonly path: string;

  constructor(reason: string, path: string) {
    super(`Event pattern is not valid, reason: ${reason} (at ${path})`);
    this.path = path;
  }
}

/** The path of a member of what is at `path`; long names are cut, because they end up in messages. */
export function memberPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  const short = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  return /^[A-Za-z_]\w*$/.test(short) ? `${path}.${short}` : `${path}[${JSON.stringify(short)}]`;
}
