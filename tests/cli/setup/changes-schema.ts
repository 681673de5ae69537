import { z } from 'zod';

/** What `setup --json` prints. */
export const changesSchema = z.object({
  changes: z.array(z.object({ kind: z.string(), name: z.string(), did: z.string(), detail: z.string().optional() })),
});
