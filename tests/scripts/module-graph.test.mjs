import { expect, test } from 'vitest';
import { circles, importsOf, usesOf } from '../../scripts/lib/module-graph.mjs';

/** @param {Record<string, string>} files */
function usesOfRust(files) {
  return usesOf(new Map(Object.entries(files))).map(
    ({ from, to, line }) => `${from} ${to} ${line}`,
  );
}

/** @param {Record<string, string>} files */
function circlesOfRust(files) {
  return circles(usesOf(new Map(Object.entries(files))));
}

test('a module is the first part of a path, however it is written', () => {
  expect(
    usesOfRust({
      'lib.rs': 'pub mod a;\npub mod b;\npub mod c;\n',
      'a.rs': 'use crate::b::{self, c};\nuse super::c::X;\n',
      'b/mod.rs': 'mod inner;\nuse super::{\n    a,\n    c::{Y, Z},\n};\n',
      'b/inner.rs': 'use super::super::c;\nuse super::Y;\nuse super::inner2::a;\n',
      'c.rs': 'pub struct X;\n',
    }),
  ).toEqual(['a b 1', 'a c 2', 'b a 2', 'b c 2', 'b c 1']);
});

test('comments, strings and what is only there for tests don’t count', () => {
  const files = {
    'lib.rs': 'mod a;\nmod b;\n#[cfg(test)]\nmod testing;\n',
    'a.rs': [
      '//! [`crate::b`]',
      '/* crate::b */ const TEXT: &str = "crate::b"; const RAW: &str = r#"crate::b"#; const C: char = \'"\';',
      '#[cfg(test)]',
      'mod tests {',
      '    use crate::b;',
      '}',
      "fn f<'a>(x: &'a str) -> &'a str { crate::b::f(x) }",
    ].join('\n'),
    'b.rs': '#[cfg(test)]\nmod fuzz;\n',
    'b/fuzz.rs': 'use crate::a;\n',
    'testing.rs': 'use crate::a;\n',
  };
  expect(usesOfRust(files)).toEqual(['a b 7']);
  expect(circlesOfRust(files)).toEqual([]);
});

test('a circle is found, also through others and through the root', () => {
  expect(
    circlesOfRust({
      'main.rs': 'mod a;\nmod b;\nmod c;\nmod d;\nfn helper() {}\nuse d::X;\n',
      'a.rs': 'use crate::b;',
      'b.rs': 'use crate::c;',
      'c.rs': 'use crate::a;',
      'd.rs': 'use crate::helper;',
    }),
  ).toEqual([
    ['a', 'b', 'c'],
    ['crate', 'd'],
  ]);
});

test('the root uses modules by their bare names, as real roots do', () => {
  const files = {
    'main.rs': [
      'mod bench;',
      'mod run;',
      'pub use run::Run;',
      'use clearpipe_io::text;',
      'fn main() { bench::run(); text::bench::f(); other.run::<u8>(); }',
    ].join('\n'),
    'bench.rs': 'fn run() { crate::say(1); }',
    'run.rs': 'mod inner {\n    use super::X;\n    use super::super::Y;\n}',
  };
  expect(usesOfRust(files)).toEqual([
    'crate run 3',
    'crate bench 5',
    'bench crate 1',
    'run crate 3',
  ]);
  expect(circlesOfRust(files)).toEqual([['bench', 'crate', 'run']]);
});

test('the page’s imports are followed through components and types', () => {
  const uses = importsOf(
    new Map([
      ['main.ts', "import './base.css';\nimport App from './App.svelte';\n"],
      [
        'App.svelte',
        '<script>\n  import type { X } from \'./deep/x\';\n  export * from "./y.svelte";\n</script>',
      ],
      ['deep/x.ts', "import { y } from '../y.svelte';\nimport fc from 'fast-check';\n"],
      ['y.svelte.ts', "const App = await import('./App.svelte');\n"],
    ]),
  );
  expect(uses.map(({ from, to, line }) => `${from} ${to} ${line}`)).toEqual([
    'main.ts App.svelte 2',
    'App.svelte deep/x.ts 2',
    'App.svelte y.svelte.ts 3',
    'deep/x.ts y.svelte.ts 1',
    'y.svelte.ts App.svelte 1',
  ]);
  expect(circles(uses)).toEqual([['App.svelte', 'deep/x.ts', 'y.svelte.ts']]);
});
