import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorMessage } from '../../shared/errors.ts';
import { UsageError } from '../io.ts';

export function readPrivateKey(path: string): Promise<KeyObject> {
  return readKey(path, createPrivateKey);
}

export function readPublicKey(path: string): Promise<KeyObject> {
  return readKey(path, createPublicKey);
}

async function readKey(path: string, parse: (pem: string) => KeyObject): Promise<KeyObject> {
  try {
    const key = parse(await readFile(path, 'utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`its type is ${key.asymmetricKeyType}`);
  } catch (error) {
    throw new UsageError(`${path} is no Ed25519 key in PEM (${errorMessage(error)}); "audit keygen" makes a pair`);
  }
}
