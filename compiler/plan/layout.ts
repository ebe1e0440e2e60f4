/**
 * Where fields lie in ring records: natural alignment in declared order, as a
 * C compiler lays out a struct of the same members. Both sides are generated
 * from it, and the C side asserts it.
 */
import type { FieldPlan, MemoryType } from "./plan.ts";

/** Bytes of `struct ring_event` and `struct ring_answer`. */
export const ringHeadSize = 32;
export const slotSize = 64;

export interface PlacedField {
  readonly field: FieldPlan;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly size: number;
}

export interface Layout {
  readonly fields: readonly PlacedField[];
  readonly size: number;
  readonly slots: number;
}

export function layoutFields(fields: readonly FieldPlan[], start = ringHeadSize): Layout {
  let at = start;
  const placed = fields.map((field) => {
    const { size, align } = extent(field.type);
    at = Math.ceil(at / align) * align;
    const offset = at;
    at += size;
    return { field, offset, size };
  });
  return { fields: placed, size: at, slots: Math.ceil(at / slotSize) };
}

export function extent(type: MemoryType): { readonly size: number; readonly align: number } {
  switch (type.kind) {
    case "data":
      return { size: 8, align: 4 };
    case "enum":
      return { size: 1, align: 1 };
    case "bytes":
    case "text": {
      const size = 2 + type.size;
      return { size: size + (size % 2), align: 2 };
    }
    case "scalar":
      switch (type.name) {
        case "bool":
        case "u8":
          return { size: 1, align: 1 };
        case "u16":
          return { size: 2, align: 2 };
        case "u32":
        case "i32":
          return { size: 4, align: 4 };
        case "u64":
        case "i64":
        case "time":
        case "duration":
          return { size: 8, align: 8 };
        case "ip":
          return { size: 17, align: 1 };
        case "mac":
          return { size: 6, align: 1 };
      }
  }
}
