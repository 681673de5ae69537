/** The build turns workflows.yaml into what a bundle needs of it. */
declare module '*.yaml' {
  import type { Scripts } from '../shared/workflows/command-content.ts';

  /**
   * The parsed file as it is in each environment that the bundle is for: of a function the one, of the connector all.
   */
  export const files: Readonly<Record<string, unknown>>;
  /** What dispatch must know of the scripts that the file names. */
  export const scripts: Scripts;
}
