// Starts the page, wherever it has its engine.

import { mount } from 'svelte';
import App from './App.svelte';
import './tokens.css';
import './base.css';
import { Compare } from './compare/compare.svelte';
import type { EngineHost } from './engine/host';
import { Learning } from './learning.svelte';
import { Session } from './session.svelte';

/** Shows the page. */
export function startPage(host: EngineHost): void {
  const target = document.getElementById('app');
  if (!target) throw new Error('the page has no #app');

  const session = new Session(host);
  const comparing = new Compare(session);
  const learning = new Learning(session);
  mount(App, { target, props: { session, comparing, learning } });

  // For the console and for tests: `await clearpipe.engine.run({ records: 1000 }).finished`.
  Object.assign(window, { clearpipe: { engine: session.engine, session, comparing, learning } });
}
