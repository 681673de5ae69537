import { checkSecrets } from '../../../setup/secrets/check-secrets.ts';
import type { Check } from '../check.ts';
import { fromChanges } from '../from-changes.ts';
import type { Admitted } from '../patient.ts';

/** Whether KMS has what variables of the functions refer to; that the roles may read it is looked at with the roles. */
export const secrets: Check = {
  name: 'secrets',
  fine: 'every secret that a function refers to is in KMS',
  needs: [],
  look: async (patient) =>
    fromChanges(await checkSecrets(patient.target, allOf(patient)), 'create it in KMS, then look again'),
};

/** Those that setup knows of env.yaml, and those that the deployed functions have. */
function allOf({ input, functions }: Admitted) {
  const deployed = (name: 'ingest' | 'dispatch' | 'notify') => [...(functions.get(name)?.references.values() ?? [])];
  const { ingest, dispatch, notify } = input.secrets;
  return {
    ingest: [...ingest, ...deployed('ingest')],
    dispatch: [...dispatch, ...deployed('dispatch')],
    notify: [...notify, ...deployed('notify')],
  };
}
