const SECRET_NAME = /SECRET|TOKEN|KEY|PASSWORD|CREDENTIAL/i;
/** Shorter values are found in any text. */
const MIN_LENGTH = 8;

/**
 * Takes the values of secret variables out of a line: the tool prints the variables of functions when it deploys.
 */
export function hideSecrets(env: Readonly<Record<string, string | undefined>>): (line: string) => string {
  const values = Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_NAME.test(name) && value.length >= MIN_LENGTH ? [value] : [],
  );
  // A secret may be part of another one.
  const longestFirst = values.sort((a, b) => b.length - a.length);
  return (line) => longestFirst.reduce((text, value) => text.replaceAll(value, '***'), line);
}
