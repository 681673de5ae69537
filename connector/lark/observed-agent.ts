import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';

/** Sees the socket that the SDK opens, because the SDK itself tells neither of frames nor of an end. */
export type Watch = (socket: Duplex) => void;

/** An agent for `ws://` or, with `secure`, `wss://`. */
export function createObservedAgent(secure: boolean, watch: Watch): http.Agent {
  const agent = secure ? new https.Agent() : new http.Agent();
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback);
    if (socket) watch(socket);
    return socket;
  };
  return agent;
}
