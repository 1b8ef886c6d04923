/** `node tests/stand-in/serve.mjs [PORT]`: the front end, as built, with the stand-in behind it. */

import { StandIn } from './server.mjs';

const { url } = await new StandIn({ pause: 40, key: process.env.STAND_IN_KEY ?? null }).start(Number(process.argv[2] ?? 0));
console.log(`The Studio with a stand-in behind it: ${url}/`);
