// Makes texts from outside (data, headers, file names, event logs) safe to display. Control characters and
// bidirectional controls could make a text look like a different one, and some characters are invisible; each of them
// is displayed as its code. The engine has the same rule in `crates/model/src/text.rs`, and both are tested with
// `tests/vectors/visible-text.json`.

const HIDDEN = new RegExp(
  [
    // Controls (except tabs, which do no more than spaces), and line and paragraph separators.
    String.raw`\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029`,
    // Directional marks, embeddings, overrides and isolates.
    String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f`,
    // Zero-width characters: invisible hyphens and joiners, byte order marks, annotations, tags.
    String.raw`\u00ad\u034f\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}`,
  ].reduce((all, part) => all + part, '[') +
    // Joiners are part of many scripts, and of emoji; but not after a Latin letter or at the beginning.
    String.raw`]|(?<![^\x00-\x7f])[\u200c\u200d]`,
  'gu',
);

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };

/** Replaces invisible characters by their code, as in `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(
    HIDDEN,
    (letter) => ESCAPES[letter] ?? `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
