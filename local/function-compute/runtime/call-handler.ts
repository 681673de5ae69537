import type { Handler } from './load-handler.ts';

/**
 * Runs the handler in either of its styles and gives the bytes of its result. A promise or a returned value wins over
 * the callback; a handler that takes a callback and returns nothing runs until it calls it.
 */
export async function callHandler(handler: Handler, event: Buffer, context: unknown): Promise<Buffer> {
  const value = await new Promise<unknown>((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (isThenable(returned)) returned.then(resolve, reject);
    else if (returned !== undefined || handler.length < 3) resolve(returned);
  });
  return resultBytes(value);
}

/** A Buffer as it is, an object as JSON, anything else as text: https://help.aliyun.com/document_detail/156876.htm */
function resultBytes(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'object') return Buffer.from(JSON.stringify(value));
  return Buffer.from(String(value));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof Object(value).then === 'function';
}
