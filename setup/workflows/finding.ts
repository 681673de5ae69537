/** What is to be said about a place in workflows.yaml. A fault stops a build; a warning wants somebody to look. */
export interface Finding {
  severity: 'fault' | 'warning';
  /** From the top of the file. */
  path: readonly PropertyKey[];
  /** One line that begins with the path. */
  message: string;
  /** Keys that the format does not know at this place, and those that it does. */
  unknownKeys?: readonly string[];
  knownKeys?: readonly string[];
}

export function findingAt(severity: Finding['severity'], path: readonly PropertyKey[], what: string): Finding {
  return { severity, path, message: `${path.map(String).join('.')}: ${what}` };
}
