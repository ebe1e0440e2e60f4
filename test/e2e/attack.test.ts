// time limit: 600 s
// alone: it fills both cores, and looks at the memory of the machine
// Every attack of `npm run attack`, short: what must hold does.
import { test } from "uvu";
import { run } from "../attack/attack.ts";
import { attacks, SHORT } from "../attack/attacks.ts";
import { claimsOf } from "../attack/claims.ts";

for (const attack of attacks(SHORT)) {
  test(`${attack.name}: ${attack.says}`, async () => {
    const outcome = await run(attack);
    const broken = claimsOf(outcome).filter(({ holds }) => !holds);
    const told = broken.map(({ says, because }) => `${says}: ${because}`).join("\n");
    if (broken.length > 0) throw new Error(`${told}\n${outcome.stderr}`);
  });
}

test.run();
