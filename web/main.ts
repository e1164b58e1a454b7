import { mount } from 'svelte';
import App from './App.svelte';
import './tokens.css';
import './base.css';
import { keepForOffline } from './offline/register';
import { Session } from './session.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

const session = new Session();
mount(App, { target, props: { session } });
keepForOffline();

// For the console and for tests: `await clearpipe.engine.run({ records: 1000 }).finished`.
Object.assign(window, { clearpipe: { engine: session.engine, session } });
