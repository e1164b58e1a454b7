// The event log that the address of the page names.

import { visible } from '../visible';

/** The longest part of a name that is shown. */
const SHOWN = 60;

export interface OfferedLog {
  url: URL;
  /** What it is called in messages. */
  name: string;
  /** Whether it is beside the page. The page loads nothing from elsewhere. */
  isHere: boolean;
}

/** Returns the log that an address names; null if it names none. */
export function offeredBy({ href, search, origin }: Location | URL): OfferedLog | null {
  const named = new URLSearchParams(search).get('log');
  if (named === null || named === '') return null;
  let url: URL;
  try {
    url = new URL(named, href);
  } catch {
    return null;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const isHere = url.origin === origin;
  const path = decoded(url.pathname.slice(url.pathname.lastIndexOf('/') + 1)) || url.host;
  const name = visible(path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path);
  return { url, name, isHere };
}

/** Returns the query of an address without the log that it names. */
export function withoutLog(search: string): string {
  const query = new URLSearchParams(search);
  query.delete('log');
  return query.size > 0 ? `?${query.toString()}` : '';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
