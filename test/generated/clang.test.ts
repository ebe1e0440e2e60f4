// time limit: 600 s
// clang reads what each unit includes, and finds what one forgets. To see that it folds
// as much as gcc, the samples are enough, and -O1, in half the time.
import { test } from "uvu";
import { chains, samples, testUnits } from "../support/generated.ts";

testUnits(samples, async () => ({ cc: "clang", flags: ["-O1", "-c"] }));
testUnits(chains, async () => ({ cc: "clang", flags: ["-fsyntax-only"] }));
test.run();
