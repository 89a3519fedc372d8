import { ofApp } from './apps.js';

/** Wires the buttons and the dialog. `onDone` receives the server's answer; `onFailure` is called without one. */
export function wirePause({ pause, resume, dialog }, onDone, onFailure) {
  const post = async (path, body) => {
    const answer = await fetch(ofApp(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    if (answer?.ok) onDone(await answer.json());
    else onFailure();
  };
  pause.addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'pause') return;
    const chosen = new FormData(dialog.querySelector('form')).get('for');
    void post('/pause', chosen === '' ? {} : { forMs: Number(chosen) });
  });
  resume.addEventListener('click', () => void post('/resume', {}));
}
