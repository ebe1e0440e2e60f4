/** What has to hold after every attack. */
import type { Summary } from "../../runtime/control/summary.ts";
import type { Outcome } from "./attack.ts";

export interface Claim {
  readonly says: string;
  readonly holds: boolean;
  /** The numbers that it was decided by. */
  readonly because: string;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

const event = ({ events }: Summary, name: string): number => events[name] ?? 0;

function everythingReceived({ packets, summary }: Outcome): Claim {
  return {
    says: "every packet was received",
    holds: summary.packets.in === packets,
    because: `${packets} sent, ${summary.packets.in} received`,
  };
}

function everythingForwarded({ attack, summary }: Outcome): Claim {
  const { in: received, out, dropped } = summary.packets;
  const strange = Object.keys(dropped).filter((cause) => !(attack.drops ?? []).includes(cause));
  return {
    says: "every packet was forwarded, or dropped for a cause that was asked for",
    holds: received === out + sum(dropped) && strange.length === 0,
    because: [
      `${out} of ${received} forwarded`,
      ...Object.entries(dropped).map(([cause, n]) => `${n} ${cause}`),
    ].join(", "),
  };
}

function residentIsBounded({ summary, seen }: Outcome): Claim {
  const { total, resident } = summary.memory;
  const highest = Math.max(resident.highest, seen);
  return {
    says: "the resident size stayed below the printed total and Node's own",
    holds: highest <= total + resident.own,
    because: `${megabytes(highest)} at most; ${megabytes(total)} printed + ${megabytes(resident.own)} of Node`,
  };
}

function poolsAreAsBefore({ summary }: Outcome): Claim {
  const kept = Object.entries(summary.memory.pools).filter(
    ([, pool]) => pool.used_at_end !== pool.used_at_start,
  );
  return {
    says: "at the end all pools are as at the start",
    holds: kept.length === 0,
    because:
      kept.length === 0
        ? `${Object.keys(summary.memory.pools).length} pools`
        : kept.map(([name, pool]) => `${name}: ${pool.used_at_start}, then ${pool.used_at_end}`).join("; "),
  };
}

/** Flows of UDP raise FLOW_UDP twice, and no FLOW_END. */
function everyEndWasTold({ summary }: Outcome): Claim {
  const { started, ended } = summary.flows;
  const told = event(summary, "FLOW_END") + event(summary, "FLOW_UDP") / 2;
  return {
    says: "every flow that started has ended, and every end was told",
    holds: started === sum(ended) && told === started,
    because: `${started} started, ${told} ends told; ${Object.entries(ended)
      .map(([reason, n]) => `${n} ${reason}`)
      .join(", ")}`,
  };
}

function witnessesAreWhole({ attack, summary }: Outcome): Claim {
  const whole = event(summary, "WHOLE");
  return {
    says: "every byte of the honest connections was heard, in order",
    holds: whole === attack.witnesses && event(summary, "BROKEN") === 0,
    because: `${whole} of ${attack.witnesses} whole, ${event(summary, "BROKEN")} broken`,
  };
}

function boundsWereMet({ attack, summary }: Outcome): Claim {
  const counts = attack.met.map((name) => [name, summary.counters[name] ?? event(summary, name)] as const);
  return {
    says: "the attack met the bounds that it is for, and they were counted",
    holds: counts.every(([, count]) => count > 0),
    because: counts.map(([name, count]) => `${name} ${count}`).join(", ") || "none",
  };
}

/** In replay a packet waits until there is a record for its flow. */
function everyFlowWasFollowed({ summary }: Outcome): Claim {
  const left = summary.counters["flows.table_full"] ?? 0;
  return { says: "no flow was left out", holds: left === 0, because: `${left} found no place` };
}

function nothingWasLost({ summary }: Outcome): Claim {
  const lost = Object.entries(summary.nfs).filter(([, { lost, errors }]) => lost + errors > 0);
  return {
    says: "no network function lost an event or failed",
    holds: lost.length === 0,
    because:
      lost.map(([name, counts]) => `${name}: ${counts.lost} lost, ${counts.errors} errors`).join("; ") ||
      "none",
  };
}

function endedWell({ code }: Outcome): Claim {
  return { says: "the program ended by itself, with exit code 0", holds: code === 0, because: `${code}` };
}

const ALL = [
  endedWell,
  everythingReceived,
  everythingForwarded,
  residentIsBounded,
  poolsAreAsBefore,
  everyEndWasTold,
  everyFlowWasFollowed,
  witnessesAreWhole,
  boundsWereMet,
  nothingWasLost,
];

export const claimsOf = (outcome: Outcome): readonly Claim[] => ALL.map((claim) => claim(outcome));
