// The keyboard shortcuts of the page.

import type { Address } from '../address.svelte';
import type { Shortcut } from '../keyboard';
import type { Session } from '../session.svelte';
import type { View } from '../view.svelte';
import type { Shell } from './shell.svelte';

interface Context {
  session: Session;
  view: View;
  address: Address;
  shell: Shell;
  help: () => void;
}

export function shortcuts({ session, view, address, shell, help }: Context): Shortcut[] {
  const runOrPause = () => {
    if (session.phase === 'running') session.pause();
    else if (session.phase === 'paused') session.resume();
    else session.begin();
  };
  const stop = () => {
    if (session.phase === 'running' || session.phase === 'paused') session.stop();
  };
  const step = (by: -1 | 1) => () => {
    session.screen.step(by);
  };
  const speed = (by: -1 | 1) => () => {
    session.screen.changeSpeed(by);
  };
  return [
    { key: ' ', description: 'run, pause, resume', action: runOrPause },
    { key: 's', description: 'stop', action: stop },
    {
      key: 'n',
      description: 'while paused: one more record, or batch',
      action: () => {
        session.step();
      },
    },
    { key: 'ArrowLeft', description: 'the picture: back one event', action: step(-1) },
    { key: 'ArrowRight', description: 'the picture: forward one event', action: step(1) },
    { key: '[', description: 'replay slower', action: speed(-1) },
    { key: ']', description: 'replay faster', action: speed(1) },
    {
      key: '/',
      description: 'follow a record',
      action: () => {
        document.getElementById('find-record')?.focus();
      },
    },
    {
      key: 'm',
      description: 'more: all settings',
      action: () => {
        shell.isMoreOpen = !shell.isMoreOpen;
      },
    },
    {
      key: 'p',
      description: 'presenter mode',
      action: () => {
        view.togglePresenter();
      },
    },
    {
      key: 't',
      description: 'theme: auto, light, dark',
      action: () => {
        view.cycleTheme();
      },
    },
    { key: 'l', description: 'copy a link to the settings', action: () => void address.copy() },
    { key: '?', description: 'this list', action: help },
  ];
}
