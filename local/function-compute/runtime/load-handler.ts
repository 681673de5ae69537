import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LoadError } from './error-body.ts';

/** `(event, context) => value` or `(event, context, callback)`. */
export type Handler = (event: Buffer, context: unknown, callback: Callback) => unknown;
export type Callback = (error?: unknown, value?: unknown) => void;

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/** Loads `<file>.<export>` from the code folder; error names as in the runtime's own loader. */
export async function loadHandler(codeDirectory: string, handler: string): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  if (dot < 1) throw new LoadError('InvalidHandlerName', `Invalid handler '${handler}'`);
  const moduleName = handler.slice(0, dot);
  const exportName = handler.slice(dot + 1);
  const file = EXTENSIONS.map((extension) => join(codeDirectory, moduleName + extension)).find(existsSync);
  if (!file) throw new LoadError('ImportModuleError', `Module '${join(codeDirectory, moduleName)}.js' is missing.`);
  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href);
  const found = loaded[exportName] ?? Object(loaded['default'])[exportName];
  if (isHandler(found)) return found;
  throw new LoadError('HandlerNotFound', `Handler '${exportName}' is missing on module '${moduleName}'`);
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}
