// Which encodings of a file a client accepts.

/**
 * Returns whether a client accepts Brotli.
 * @param {string | undefined} header its `Accept-Encoding` (RFC 9110, section 12.5.3)
 */
export function acceptsBrotli(header = '') {
  const weights = new Map(
    header.split(',').map((item) => {
      const [coding, ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      return [coding, weightOf(parameters)];
    }),
  );
  return (weights.get('br') ?? weights.get('*') ?? 0) > 0;
}

/**
 * Returns the weight of a coding: 1 without one, and 0, which refuses it, if it makes no sense.
 * @param {string[]} parameters in lower case
 */
function weightOf(parameters) {
  if (parameters.length === 0) return 1;
  const [, weight = '0'] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameters.join(';')) ?? [];
  return Number(weight);
}
