/** The build turns workflows.yaml into the parsed file and what it knows of the scripts that the file names. */
declare module '*.yaml' {
  import type { Scripts } from '../shared/workflows/command-content.ts';

  export const file: unknown;
  export const scripts: Scripts;
}
