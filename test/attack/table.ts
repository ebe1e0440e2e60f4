/** Outcomes as the table of docs/reliability.md. */
import type { Outcome } from "./attack.ts";
import { claimsOf } from "./claims.ts";

const HEAD = [
  "| attack | what was sent | packets | flows evicted | honest connections whole | resident, of what is allowed | counted |",
  "|---|---|---|---|---|---|---|",
];

const count = (n: number): string => n.toLocaleString("en-US");

/** What bounds did, beside the evictions that have a column of their own. */
const SHOWN =
  /^(held\.(lost|from_start_lost)|fragments\.|tcp\.(gaps|out_of_order)|flows\.(ended_idle|midstream))/;

function row(outcome: Outcome): string {
  const { attack, packets, summary, seen } = outcome;
  const { total, resident } = summary.memory;
  const share = Math.max(resident.highest, seen) / (total + resident.own);
  const counted = Object.entries(summary.counters).filter(([name, n]) => n > 0 && SHOWN.test(name));
  const broken = claimsOf(outcome).filter(({ holds }) => !holds);
  return [
    "",
    `\`${attack.name}\``,
    attack.says,
    count(packets),
    count(summary.counters["flows.ended_evicted"] ?? 0),
    `${count(summary.events.WHOLE ?? 0)} of ${count(attack.witnesses)}`,
    `${(share * 100).toFixed(0)} %`,
    [
      ...counted.map(([name, n]) => `${name} ${count(n)}`),
      ...broken.map(({ says }) => `**broken: ${says}**`),
    ].join(", "),
    "",
  ]
    .join(" | ")
    .trim();
}

export const renderTable = (outcomes: readonly Outcome[]): string =>
  `${[...HEAD, ...outcomes.map(row)].join("\n")}\n`;
