import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { checkSYaml } from '../../../setup/s-yaml/check-s-yaml.ts';
import { fileSchema } from '../../../setup/s-yaml/file-schema.ts';
import { fillIn, mergeTemplate } from '../../../setup/s-yaml/fill-in.ts';
import { propsSchema } from '../../../setup/s-yaml/props-schema.ts';
import { SAMPLE, WORKFLOWS } from './sample.ts';

const ROOT = resolve(__dirname, '../../..');
/** The component's own schema, where somebody has put it beside the repository. */
const SCHEMA = join(ROOT, '../shared/reference/fc3.schema.json');

/** The props of each function of this repository's s.yaml as a shell without variables would deploy them. */
function deployedProps(): [string, unknown][] {
  const { resources, template, vars } = fileSchema.parse(parse(readFileSync(join(ROOT, 's.yaml'), 'utf8')));
  const none = { variables: {}, vars: {} };
  const values = Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, String(fillIn(value, none))]));
  return Object.entries(resources).map(([name, { extend, props }]) => [
    name,
    fillIn(mergeTemplate(extend && template[extend.name], props), { variables: {}, vars: values }),
  ]);
}

test('each function of this repository passes the strict schema', () => {
  const faults = deployedProps().map(([name, props]) => [name, propsSchema.safeParse(props).error?.issues]);
  expect(faults).toEqual([
    ['ingest', undefined],
    ['dispatch', undefined],
    ['notify', undefined],
  ]);
});

if (existsSync(SCHEMA)) {
  const json = readFileSync(SCHEMA, 'utf8');
  const schema = z
    .object({
      properties: z.record(z.string(), z.unknown()),
      definitions: z.object({ IRegion: z.object({ enum: z.array(z.string()) }) }),
      // What a built-in runtime requires.
      else: z.object({ else: z.object({ required: z.array(z.string()) }) }),
    })
    .parse(JSON.parse(json));

  test('and the component’s own, without any deviation', () => {
    const { if: _if, then: _then, else: _else, ...always } = JSON.parse(json);
    const component = z.fromJSONSchema({ ...always, required: schema.else.else.required });
    for (const [, props] of deployedProps()) expect(component.safeParse(props).error?.issues).toBeUndefined();
  });

  test('every setting that the strict schema knows is one of the component’s', () => {
    const unknown = Object.keys(propsSchema.shape).filter((key) => !(key in schema.properties));
    expect(unknown).toEqual([]);
  });

  test('the regions are the component’s', () => {
    const faults = schema.definitions.IRegion.enum.flatMap((region) =>
      checkSYaml({ file: parse(SAMPLE), workflows: WORKFLOWS, variables: { ALIYUN_REGION: region } }),
    );
    expect(faults).toEqual([]);
  });
}
