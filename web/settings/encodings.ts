// The file encodings that the page offers. The engine supports all of https://encoding.spec.whatwg.org.

interface Encoding {
  /** Its name in the configuration. */
  value: string;
  name: string;
}

/** In display order; the first one is the default. */
export const ENCODINGS: readonly Encoding[] = [
  { value: 'auto', name: 'Automatic' },
  { value: 'utf-8', name: 'UTF-8' },
  { value: 'utf-16le', name: 'UTF-16LE' },
  { value: 'utf-16be', name: 'UTF-16BE' },
  { value: 'windows-1252', name: 'Windows-1252' },
  { value: 'iso-8859-15', name: 'ISO-8859-15' },
  { value: 'windows-1251', name: 'Windows-1251' },
  { value: 'iso-8859-2', name: 'ISO-8859-2' },
  { value: 'koi8-r', name: 'KOI8-R' },
  { value: 'shift_jis', name: 'Shift_JIS' },
  { value: 'gb18030', name: 'GB18030' },
  { value: 'big5', name: 'Big5' },
  { value: 'euc-kr', name: 'EUC-KR' },
];

/** Returns the display name of an encoding. */
export function encodingName(value: string): string {
  return ENCODINGS.find((encoding) => encoding.value === value)?.name ?? value;
}
