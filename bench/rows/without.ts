/** What each optimisation is worth: the final build against one that lacks it alone. */
import type { ChainSubject } from "../subjects.ts";
import type { TraceSpec } from "../trace/spec.ts";
import { traces } from "../traces.ts";
import { adding, counting } from "./chains.ts";
import { against, type Comparison } from "./comparison.ts";
import { ids } from "./ids.ts";
import { inLine } from "./parallel.ts";
import { flows, millionFlows } from "./path.ts";

interface Optimisation {
  /** A patch of `bench/without`, which takes it away. */
  readonly name: string;
  /** What it was made for, or what it might cost. */
  readonly on: ChainSubject;
  /** Of the row, where a patch has several. */
  readonly row?: string;
}

/** In handlers and around them: six of them, so that it is seen. */
const six = (trace: TraceSpec): ChainSubject => adding(6, trace);

export const optimisations: readonly Optimisation[] = [
  { name: "frame-list-fetch", on: flows(traces.small) },
  { name: "usual-parse", on: flows(traces.small) },
  { name: "parse-members", on: flows(traces.small) },
  { name: "parse-fetch", on: flows(traces.small) },
  { name: "usual-checksum", on: flows(traces.small) },
  { name: "checksum-inverse", on: flows(traces.small) },
  { name: "checksum-registers", on: counting(1, traces.large) },
  { name: "large-fetch", on: counting(1, traces.large) },
  { name: "bulk-lookup", on: flows(traces.small) },
  { name: "record-lines", on: counting(1, traces.small) },
  { name: "record-lines", on: millionFlows(traces.smallMillion), row: "record-lines-million" },
  { name: "used-record", on: ids(traces.httpLong) },
  { name: "neighbour-fetch", on: millionFlows(traces.smallMillion) },
  { name: "unmoved-flows", on: millionFlows(traces.smallMillion) },
  { name: "touched-table", on: millionFlows(traces.smallMillion) },
  { name: "victim-fetch", on: flows(traces.smallShort) },
  { name: "state-fetch", on: millionFlows(traces.smallMillion) },
  { name: "prediction", on: counting(1, traces.small) },
  { name: "usual-segment", on: flows(traces.small) },
  { name: "packet-addresses", on: flows(traces.small) },
  { name: "next-segment", on: counting(1, traces.small) },
  { name: "kept-row", on: inLine(traces.large) },
  { name: "row-fetch", on: ids(traces.httpLong) },
  { name: "row-bypass", on: ids(traces.httpLong) },
  { name: "whole-bursts", on: flows(traces.small) },
  { name: "stores", on: counting(1, traces.small) },
  { name: "constant-features", on: counting(1, traces.small) },
  { name: "unasked-features", on: counting(1, traces.small) },
  { name: "event-guess", on: six(traces.small) },
  { name: "counting-in-registers", on: six(traces.small) },
  { name: "readable-record", on: six(traces.small) },
  { name: "current-flow", on: counting(6, traces.small) },
];

/** Of a small gain little is allowed. */
const CLAIM_NEAR_ONE = 0.03;

/** Packets a second are the other way round than cycles: the ratio is cycles without over cycles with. */
const worth = ({ name, on, row = name }: Optimisation): Comparison => ({
  ...against({ ...on, name: `${on.name}, without ${name}`, without: name }, `without-${row}`, on),
  claimNearOne: CLAIM_NEAR_ONE,
});

export const withoutRows: readonly Comparison[] = optimisations.map(worth);
