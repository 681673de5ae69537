import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { HttpRequest, HttpResponse } from '../http/server.ts';
import { type Api, functionsPath, jsonResponse, type Operation } from './api-operation.ts';
import { zip } from './zip.ts';

const DOWNLOAD_PATH = '/code-package/';
/** As long as a link of OSS that is signed for it. */
const LINK_MS = 10 * 60_000;

interface CodeDownload {
  operation: Operation;
  /** What a link leads to; undefined for any other request. */
  follow(request: HttpRequest): Promise<HttpResponse | undefined>;
}

/** GetFunctionCode answers with a link that needs no signature, as the real one does with a link to OSS. */
export function createCodeDownload({ platform, registry }: Api): CodeDownload {
  const links = new Map<string, { directory: string; until: number }>();
  return {
    operation: {
      name: 'GetFunctionCode',
      method: 'GET',
      path: functionsPath('/*/code'),
      async run({ names: [functionName = ''], request, requestId }) {
        const { definition, code } = registry.get(functionName);
        const token = platform.newId();
        links.set(token, { directory: definition.codeDirectory, until: platform.realClock.now() + LINK_MS });
        const url = `http://${request.headers.host}${DOWNLOAD_PATH}${token}`;
        return jsonResponse(requestId, { checksum: code.checksum, url });
      },
    },
    async follow(request) {
      if (request.method !== 'GET' || !request.rawPath.startsWith(DOWNLOAD_PATH)) return undefined;
      const link = links.get(request.rawPath.slice(DOWNLOAD_PATH.length));
      if (!link || link.until < platform.realClock.now()) return { status: 403 };
      const headers = { 'content-type': 'application/zip' };
      return { status: 200, headers, body: zip(await filesBelow(link.directory)) };
    },
  };
}

async function filesBelow(directory: string) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(async (path) => ({
      name: relative(directory, path).split(sep).join('/'),
      bytes: await readFile(path),
    })),
  );
}
