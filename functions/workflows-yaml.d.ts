/** The build turns an import of workflows.yaml into the parsed file and what it knows of its scripts. */
declare module '*.yaml' {
  import type { BundledWorkflows } from '../shared/runtime/create-runtime.ts';

  const bundled: BundledWorkflows;
  export default bundled;
}
