// Texts that come from outside (data, headers, names of files, event logs), safe to show: control characters and
// bidirectional controls would make a text look like another one, and some characters can't be seen at all. Each of them
// is shown by its number. The engine has the same rule in `crates/model/src/text.rs`, and both are tested with
// `tests/vectors/visible-text.json`.

const HIDDEN = new RegExp(
  [
    // Controls (but a tab does no more than a space), and the ends of lines and paragraphs.
    String.raw`\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029`,
    // Marks of the direction, and what embeds, overrides or isolates it.
    String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f`,
    // Without a width: hyphens and joiners that can't be seen, byte order marks, annotations, tags.
    String.raw`\u00ad\u034f\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}`,
  ].reduce((all, part) => all + part, '[') +
    // Joiners belong to many scripts, and to emoji; but not behind a Latin letter or at the beginning.
    String.raw`]|(?<![^\x00-\x7f])[\u200c\u200d]`,
  'gu',
);

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };

/** The text with nothing in it that can't be seen, as in `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(
    HIDDEN,
    (letter) => ESCAPES[letter] ?? `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
