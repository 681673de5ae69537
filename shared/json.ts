/** The parsed JSON of these bytes, or undefined where they are none. What comes back is for a schema to check. */
export function parseJson(json: Buffer | string): unknown {
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}
