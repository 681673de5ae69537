import type { Approval } from '../../shared/platforms/platform.ts';
import { mapParameters } from '../../shared/workflows/map-parameters.ts';
import type { Candidate } from './candidate.ts';

/** The chat that whoever asked chose among those on its list, also where another value of the form is refused. */
export function chosenChat({ workflow, marker }: Candidate, { fields }: Approval): { chat?: string } {
  const name = workflow.chat.parameter;
  const parameter = workflow.parameters[name ?? ''];
  if (name === undefined || !parameter) return {};
  const mapped = mapParameters({ ...workflow, parameters: { [name]: parameter } }, marker.platform, fields);
  const chat = mapped.kind === 'parameters' && mapped.parameters[name];
  return chat ? { chat } : {};
}
