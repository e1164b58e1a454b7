// What can be changed on the picture. The picture shows it; settings/on-picture.ts implements it over the settings.

/** A number that can be counted up and down: workers, or the capacity of a channel. */
export interface CountControl {
  /** The path of the setting in the configuration. */
  path: string;
  /** For screen readers: `Transformers, workers`. */
  label: string;
  value: number;
  least: number;
  most: number;
  /** When a change takes effect: `acts at once`, `acts at the next run`. */
  when: string;
  set: (value: number) => void;
  /** Back to what it was at the start. */
  reset: () => void;
}

/** A range of times, in milliseconds. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The service time of a stage: how long it waits for something else, and how long it needs a thread. */
export interface TimeControl {
  /** The paths of both settings in the configuration. */
  paths: Readonly<Record<'waits' | 'computes', string>>;
  label: string;
  /** In words, longer ones first: `takes 300–900 ms`. */
  texts: readonly string[];
  /** What it is now. Without either, records pass at full speed. */
  waits: TimeRange | null;
  computes: TimeRange | null;
  when: string;
  set: (kind: 'waits' | 'computes', range: TimeRange | null) => void;
  reset: () => void;
}

/** How many records the first stage lets in, in a second. */
export interface RateControl {
  /** The path of the setting in the configuration. */
  path: string;
  label: string;
  texts: readonly string[];
  /** Records per second; 0 for no limit. */
  value: number;
  /** The time that each record takes besides, which limits the rate as well. */
  time: TimeControl | null;
  when: string;
  set: (value: number) => void;
  reset: () => void;
}

/** A share of the records that the generator makes wrong on purpose. */
export interface FaultControl {
  /** `Invalid values`, with what becomes of them. */
  label: string;
  /** One record in this many; 0 for none. */
  every: number;
  set: (every: number) => void;
}

/** What fails, as a valve on the wire that goes around. */
export interface FaultsControl {
  label: string;
  texts: readonly string[];
  when: string;
  faults: readonly FaultControl[];
  reset: () => void;
}

/** By ids of stages and channels. Null where there is nothing to change. */
export interface PictureControls {
  workers: (stage: string) => CountControl | null;
  capacity: (channel: string) => CountControl | null;
  time: (stage: string) => TimeControl | null;
  rate: (stage: string) => RateControl | null;
  faults: () => FaultsControl | null;
}

/** The stage that limits a run, by node. `calm` if nobody is held up by it. */
export interface PictureLimit {
  node: number;
  calm: boolean;
}
