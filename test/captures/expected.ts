/** Streams that tools agree on, and the table of those that a host reads otherwise. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/mbx.ts";
import { readTable, sharedTable } from "./shared.ts";

export type Row = Readonly<Record<string, string>>;

const SIDES = ["c2s", "s2c"] as const;
type Side = (typeof SIDES)[number];

export const FOLDERS = ["reassembly", "malformed", "apps"] as const;

/** Rows of `exceptions.tsv`; test/dataplane/capture_rows_test.c reads it too. */
export const exceptions: readonly Row[] = readTable(
  readFileSync(join(ROOT, "test/captures/exceptions.tsv"), "utf8"),
);

export function expectedRows(folder: string): readonly Row[] {
  return sharedTable(`${folder}/expected.tsv`);
}

/** `agree` or `2of3`. */
export const kindOf = (row: Row): string => (row.verdict === "agree" ? "agree" : "2of3");

export const isExceptionOf = (folder: string, row: Row, exception: Row): boolean =>
  exception.folder === folder && exception.file === row.file && exception.stream === row.stream;

const ends = (row: Row): string => `${row.src} ${row.sport} ${row.dst} ${row.dport}`;
const turned = (row: Row): string => `${row.dst} ${row.dport} ${row.src} ${row.sport}`;
const other = (side: Side): Side => (side === "c2s" ? "s2c" : "c2s");

/** Whether a side of the row is that of the stream, which may have its ends the other way round. */
function isEqual(row: Row, side: Side, found: Row): boolean {
  const there = ends(row) === ends(found) ? side : other(side);
  if (row[`len_${side}`] !== found[`len_${there}`]) return false;
  return row[`sha256_${side}`] === "-" || row[`sha256_${side}`] === found[`sha256_${there}`];
}

/** What is wrong with the streams that were found in a file, row by row. */
export function complaints(folder: string, rows: readonly Row[], found: readonly Row[]): readonly string[] {
  const left = [...found];
  const take = (row: Row, sides: readonly Side[]): boolean => {
    const at = left.findIndex(
      (one) =>
        (ends(one) === ends(row) || ends(one) === turned(row)) &&
        sides.every((side) => isEqual(row, side, one)),
    );
    if (at >= 0) left.splice(at, 1);
    // Without bytes a row may have no flow: of a reset, of packets that hosts drop.
    return at >= 0 || sides.every((side) => row[`len_${side}`] === "0");
  };
  return rows.flatMap((row) => {
    const exception = exceptions.find((one) => isExceptionOf(folder, row, one));
    const same = found.filter((one) => [ends(row), turned(row)].includes(ends(one)));
    const text = `stream ${row.stream}, ${ends(row)}: ${row.len_c2s}/${row.len_s2c} bytes expected, ${same.map((one) => `${one.len_c2s}/${one.len_s2c}`).join(", ") || "no row"} found`;
    if (take(row, SIDES)) return exception === undefined ? [] : [`needed no more: the exception of ${text}`];
    if (exception === undefined || exception.kind !== kindOf(row)) return [text];
    const rest = SIDES.filter((side) => exception.side !== side && exception.side !== "both");
    return take(row, rest) ? [] : [`other than its exception says: ${text}`];
  });
}
