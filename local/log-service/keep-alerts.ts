import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type StoredAlert, storedSchema } from './alert-schema.ts';

/** The alerts of a project by their names. */
export type Alerts = Map<string, StoredAlert>;

const fileSchema = z.record(z.string(), z.array(storedSchema));

/** The projects there are, and how to keep what they hold. Throws if the file is not what it should be. */
export function openProjects(
  names: readonly string[],
  directory: string,
): { projects: Map<string, Alerts>; save(): void } {
  const file = join(directory, 'alerts.json');
  const kept = existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  const projects = new Map(
    names.map((name): [string, Alerts] => [name, new Map((kept[name] ?? []).map((alert) => [alert.name, alert]))]),
  );
  mkdirSync(directory, { recursive: true });
  return {
    projects,
    save() {
      const all = Object.fromEntries([...projects].map(([name, alerts]) => [name, [...alerts.values()]]));
      writeFileSync(`${file}.tmp`, JSON.stringify(all));
      renameSync(`${file}.tmp`, file);
    },
  };
}
