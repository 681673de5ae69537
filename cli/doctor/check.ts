import type { Finding } from './finding.ts';
import type { Admitted, Service } from './patient.ts';

export interface Check {
  /** As it is named in the output. */
  name: string;
  /** What it says when there is nothing to say. */
  fine: string;
  /** Without these it is not tried. */
  needs: readonly Service[];
  look(patient: Admitted): Promise<Finding[]>;
}
