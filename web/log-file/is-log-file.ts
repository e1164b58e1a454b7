// Recognizes event log files.

const MAGIC = '{"clearpipe_events"';

/** Whether a file starts like an event log. */
export async function isLogFile(blob: Blob): Promise<boolean> {
  return (await blob.slice(0, MAGIC.length).text()) === MAGIC;
}
