/** An IPv4 block, its network and broadcast addresses included. */
export interface Ipv4Block {
  contains(address: string): boolean;
}

/** `10.0.0.0/24`, or a bare address for that address alone; undefined if it is neither. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const [, addressText = '', bitsText = '32'] = /^([\d.]{7,15})(?:\/(\d|[12]\d|3[0-2]))?$/.exec(text) ?? [];
  const base = parseIpv4(addressText);
  if (base === undefined) return undefined;
  const size = 2 ** (32 - Number(bitsText));
  const block = Math.floor(base / size);
  return {
    contains: (text) => {
      const address = parseIpv4(text);
      return address !== undefined && Math.floor(address / size) === block;
    },
  };
}

/** Four decimal octets as one number. A leading zero is refused: some programs read such an octet as octal. */
function parseIpv4(text: string): number | undefined {
  if (text.length > 15) return undefined;
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let address = 0;
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return undefined;
    address = address * 256 + Number(octet);
  }
  return address;
}
