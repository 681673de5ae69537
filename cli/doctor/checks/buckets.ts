import { setUpBuckets } from '../../../setup/buckets.ts';
import type { Check } from '../check.ts';
import { fromChanges } from '../from-changes.ts';

export const buckets: Check = {
  name: 'buckets',
  fine: 'both are there, private, and without versioning',
  needs: ['oss'],
  look: async ({ target, setupCommand }) =>
    fromChanges(await setUpBuckets({ ...target, lookOnly: true }), setupCommand),
};
