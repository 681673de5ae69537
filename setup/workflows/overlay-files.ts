import { readdir } from 'node:fs/promises';

/** What stands beside workflows.yaml and differs in one environment. */
export interface OverlayFile {
  name: string;
  environmentName: string;
}

const OVERLAY = /^workflows\.(.+)\.ya?ml$/;

/** The file of an environment that holds what differs there from workflows.yaml. */
export function overlayName(environmentName: string): string {
  return `workflows.${environmentName}.yaml`;
}

/** Every file of the folder that is named like an overlay, by name; also those that no environment has. */
export async function listOverlays(root: string): Promise<OverlayFile[]> {
  const names = (await readdir(root)).sort();
  return names.flatMap((name) => overlayOf(name) ?? []);
}

export function overlayOf(name: string): OverlayFile | undefined {
  const environmentName = OVERLAY.exec(name)?.[1];
  return environmentName === undefined ? undefined : { name, environmentName };
}

/** What is wrong with the file's name, which alone says where it counts: it would be passed over in silence. */
export function nameFault(
  { name, environmentName }: OverlayFile,
  environmentNames: readonly string[],
): string | undefined {
  if (!environmentNames.includes(environmentName))
    return `"${environmentName}" is no environment of env.yaml, which has ${environmentNames.join(', ')}`;
  if (name === overlayName(environmentName)) return undefined;
  return `the name of an overlay ends with .yaml; rename it to ${overlayName(environmentName)}`;
}
