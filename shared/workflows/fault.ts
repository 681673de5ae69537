/** Something that is wrong in workflows.yaml. */
export interface Fault {
  /** Where, from the top of the file. */
  path: readonly PropertyKey[];
  /** One line that begins with the path. */
  message: string;
  /** Keys that the format does not know. */
  unknownKeys?: readonly string[];
}

/** The configuration is wrong: one fault for each thing. */
export class WorkflowsError extends Error {
  override readonly name = 'WorkflowsError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`workflows.yaml: ${faults.map(({ message }) => message).join('; ')}`);
    this.faults = faults;
  }
}

/** A fault at this path; `what` goes on behind it. */
export function faultAt(path: readonly PropertyKey[], what: string): Fault {
  return { path, message: `${path.map(String).join('.')}${what}` };
}
