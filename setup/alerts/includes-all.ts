/**
 * Whether `found` has every value of `wanted`: a service may answer with more fields than it was told, but lists are equal
 * in length.
 */
export function includesAll(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((value, index) => includesAll(found[index], value))
    );
  }
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null) return false;
  const values = new Map<string, unknown>(Object.entries(found));
  return Object.entries(wanted).every(([name, value]) => includesAll(values.get(name), value));
}
