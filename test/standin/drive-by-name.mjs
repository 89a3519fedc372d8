/** What a test of a user's app does: the stand-in by its published name, driven by Heroku's own client. */
import { startPlatform } from 'drover/standin';
import Heroku from 'heroku-client';

const platform = await startPlatform({
  apps: [{ name: 'shop', formation: [{ type: 'worker', quantity: 2 }] }],
});
const heroku = new Heroku({ host: platform.url, token: platform.token });
await heroku.patch('/apps/shop/formation/worker', { body: { quantity: 4 } });
console.log(
  JSON.stringify({
    quantity: platform.quantity('shop', 'worker'),
    dynos: platform.dynos('shop').map(({ name, state }) => `${name} ${state}`),
    requests: platform.requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
  }),
);
await platform.close();
