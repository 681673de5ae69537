import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { errorMessage } from '../../shared/errors.ts';
import { LOG_LEVELS } from '../../shared/log.ts';
import { mergeTemplate } from '../s-yaml/fill-in.ts';

/** env.yaml is wrong, or has no such environment: the message says what would be right. */
export class EnvFileError extends Error {
  override readonly name = 'EnvFileError';
}

/** Limits as for s.yaml, whose check also looks at sizes together. */
const sizeSchema = z.strictObject({
  cpu: z.number().min(0.05).max(16),
  memory: z.int().min(128).max(32_768),
  timeout: z.int().min(60).max(86_400),
  /** Instances that are kept warm; they cost money without any request. */
  min_instances: z.int().min(0).max(1000).optional(),
});
const environmentSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}-[a-z0-9-]{2,30}$/, 'must be a region such as cn-hangzhou'),
  log_level: z.enum(LOG_LEVELS),
  sweep: z.string().regex(/^@every [1-9]\d*m$/, 'must be @every and minutes, such as "@every 1m"'),
  async: z.strictObject({
    retries: z.int().min(0).max(8),
    max_age_seconds: z.int().min(1).max(604_800),
    /** Whether a call may carry the id of a task, of which the platform takes one. */
    tasks: z.boolean().default(false),
  }),
  /** Variables whose values the functions read from KMS; the deploying shell has none for them. */
  secrets: z
    .strictObject({ kms: z.array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be the name of a variable')) })
    .default({ kms: [] }),
  /** Whom alerts tell: an action policy of Simple Log Service, by its id. */
  alarms: z
    .strictObject({ action_policy: z.string().regex(/^[\w.-]{2,128}$/, 'must be the id of an action policy') })
    .optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(128)).default({}),
  functions: z.strictObject({ ingest: sizeSchema, dispatch: sizeSchema, notify: sizeSchema }),
});
export type EnvironmentSettings = z.infer<typeof environmentSchema>;

const NAME = /^[a-z][a-z0-9-]{0,15}$/;
const fileSchema = z.strictObject({
  defaults: z.record(z.string(), z.unknown()),
  environments: z
    .record(z.string().regex(NAME, 'must be 1 to 16 of a-z, 0-9 and -'), z.record(z.string(), z.unknown()).nullable())
    .superRefine((environments, check) => {
      for (const fault of namesInNames(Object.keys(environments))) check.addIssue(fault);
    }),
});

/** Commands are found by how their names begin: those of `dev-eu` would be taken for commands of `dev`. */
function namesInNames(names: readonly string[]): string[] {
  return names.flatMap((name) =>
    names
      .filter((other) => other.startsWith(`${name}-`))
      .map(
        (other) =>
          `"${name}" and "${other}" cannot stand side by side, since what begins with approval-loop-${name}- would be of both; rename one, to "${other.replaceAll('-', '')}" for example`,
      ),
  );
}

/** Every environment of the file, its defaults filled in. Throws an EnvFileError that names each place. */
export function readEnvironments(file: unknown): ReadonlyMap<string, EnvironmentSettings> {
  const parsed = fileSchema.safeParse(file);
  if (!parsed.success) throw new EnvFileError(`env.yaml: ${faultsOf(parsed.error, [])}`);
  const { defaults, environments } = parsed.data;
  const entries = Object.entries(environments).map(([name, own]) => {
    const settings = environmentSchema.safeParse(mergeTemplate(defaults, own ?? {}));
    if (settings.success) return [name, settings.data] as const;
    throw new EnvFileError(`env.yaml: ${faultsOf(settings.error, ['environments', name])}`);
  });
  return new Map(entries);
}

/** The environment of the embedded cloud, and of s.yaml where the shell names none. */
export const LOCAL_ENVIRONMENT = 'dev';

/** Every environment that functions are built for: those of env.yaml, and that of the embedded cloud. */
export async function readEnvironmentNames(root: string): Promise<string[]> {
  return [...new Set([...readEnvironments(await readYaml(join(root, 'env.yaml'))).keys(), LOCAL_ENVIRONMENT])];
}

/** The settings of one environment; an EnvFileError names those there are. */
export async function loadEnvironment(root: string, name: string): Promise<EnvironmentSettings> {
  const environments = readEnvironments(await readYaml(join(root, 'env.yaml')));
  const settings = environments.get(name);
  if (settings) return settings;
  const names = [...environments.keys()].join(', ');
  throw new EnvFileError(`there is no environment "${name}" in env.yaml; it has ${names}`);
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new EnvFileError(`${path} cannot be read: ${errorMessage(error).split('\n')[0]}`);
  }
}

function faultsOf(error: z.ZodError, before: readonly string[]): string {
  return error.issues
    .map(({ path, message }) => `${[...before, ...path.map(String)].join('.')}: ${message}`)
    .join('; ');
}
