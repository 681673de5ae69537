import * as z from 'zod';
import { matching, oneOf, text } from './accepted.ts';

const block = z.record(z.string(), z.unknown(), { error: 'must be a map' });

/** What stands around the functions; what is in them is checked once templates and variables are filled in. */
export const fileSchema = z.strictObject({
  edition: oneOf('3.0.0'),
  name: matching(/^[a-z][a-z0-9-]*$/, 'a name of a-z, 0-9 and -'),
  access: text,
  vars: z.record(z.string(), text).default({}),
  template: z.record(z.string(), block).default({}),
  resources: z.record(
    oneOfFunctions(),
    z.strictObject({
      // Without a version the tool takes whatever is newest on the day of the deploy.
      component: matching(/^fc3@\d+\.\d+\.\d+$/, 'fc3 with its version, such as fc3@0.1.22'),
      extend: z.strictObject({ name: text, ignore: z.array(text).optional() }).optional(),
      props: block,
    }),
  ),
});
export type SYaml = z.infer<typeof fileSchema>;

function oneOfFunctions() {
  return z.enum(['ingest', 'dispatch', 'notify'], 'is not a function of this repository: ingest, dispatch, notify');
}
