/** Syntax tree to canonical text: reading it again gives the same tree, spans aside. */
import { writeText } from "../../grammar/literals.ts";
import type {
  ChainPart,
  Declaration,
  FieldDecl,
  Name,
  NfPart,
  Operand,
  Path,
  PathStep,
  SourceFile,
  Test,
  TypeNode,
  Value,
} from "./ast.ts";

export function printFile(file: Pick<SourceFile, "declarations">): string {
  return file.declarations.map(printDeclaration).join("\n");
}

export function printDeclaration(declaration: Declaration): string {
  const doc = printDoc(declaration.doc, "");
  switch (declaration.kind) {
    case "import":
      return `${doc}import ${writeText(declaration.path.value)}\n`;
    case "const":
      return `${doc}const ${declaration.name.text} = ${printValue(declaration.value)}\n`;
    case "enum":
      return `${doc}enum ${declaration.name.text} { ${printNames(declaration.members)} }\n`;
    case "event":
      return `${doc}event ${declaration.name.text} extends ${declaration.parent.text} ${printFields(declaration.fields, "")}\n`;
    case "stack": {
      const options = declaration.options.map(
        (option) =>
          `${option.name.text} ${option.value.kind === "set" ? printValue(option.value) : printTest(option.value)}`,
      );
      return `${doc}stack ${declaration.name.text} = ${declaration.stackKind.text} ${printBody(options)}\n`;
    }
    case "nf":
      if (declaration.instanceOf !== undefined) {
        return `${doc}nf ${declaration.name.text} = ${declaration.instanceOf.text}\n`;
      }
      return `${doc}nf ${declaration.name.text} ${printBody(declaration.parts.map(printNfPart))}\n`;
    case "chain":
      return `${doc}chain ${declaration.name.text} ${printBody(declaration.parts.map(printChainPart))}\n`;
  }
}

function printDoc(doc: string, indent: string): string {
  if (doc === "") return "";
  return doc
    .split("\n")
    .map((line) => `${indent}///${line === "" ? "" : ` ${line}`}\n`)
    .join("");
}

function printNames(names: readonly Name[]): string {
  return names.map((name) => name.text).join(", ");
}

function printBody(lines: readonly string[]): string {
  if (lines.length === 0) return "{\n}";
  return `{\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}

function printFields(fields: readonly FieldDecl[], indent: string): string {
  const inner = `${indent}  `;
  const lines = fields.map(
    (field) => `${printDoc(field.doc, inner)}${inner}${field.name.text}: ${printType(field.type)}\n`,
  );
  return `{\n${lines.join("")}${indent}}`;
}

function printType(type: TypeNode): string {
  if (type.kind === "type-enum") return `enum { ${printNames(type.members)} }`;
  return type.size === undefined ? type.name.text : `${type.name.text}<${type.size.text}>`;
}

function printNfPart(part: NfPart): string {
  switch (part.kind) {
    case "subscribe": {
      const where = part.where === undefined ? "" : ` where ${printTest(part.where)}`;
      const start = part.fromStart === undefined ? "" : ` from start ${part.fromStart.text}`;
      const callbacks = part.callbacks.length === 0 ? "" : ` -> ${printNames(part.callbacks)}`;
      return `subscribe ${part.event.text}${where}${start}${callbacks}`;
    }
    case "publish":
      return `publish ${printNames(part.events)}`;
    case "reads":
    case "writes":
      return `${part.kind} ${part.refs.map((ref) => printOperand(ref)).join(", ")}`;
    case "drops":
    case "redirects":
    case "prepares":
      return part.kind;
    case "state":
      return `state flow ${printFields(part.fields, "  ")}`;
    case "on_error":
    case "on_overload":
      return `${part.kind} ${part.policy.text}`;
    case "links":
      return `links ${part.libraries.map(({ value }) => writeText(value)).join(", ")}`;
    case "handler":
      return `handler ${writeText(part.path.value)}`;
    case "run":
      return `run ${writeText(part.command.value)}`;
  }
}

function printChainPart(part: ChainPart): string {
  switch (part.kind) {
    case "chain-stack":
      return `stack ${part.stack.text}`;
    case "ports":
      return part.far === undefined
        ? `ports ${part.near.text}`
        : `ports ${part.near.text} <-> ${part.far.text}`;
    case "path":
      return `path ${printPath(part.path)}`;
    case "place":
      return `place ${part.nf.text} on ${part.core.text}`;
    case "malformed":
      return `malformed ${part.policy.text}`;
  }
}

export function printPath(path: Path): string {
  return path.steps.map(printStep).join(" -> ");
}

function printStep(step: PathStep): string {
  return step.kind === "step" ? step.nf.text : `(${step.branches.map(printPath).join(" | ")})`;
}

/** Brackets only where the tree needs them. */
export function printTest(test: Test): string {
  switch (test.kind) {
    case "or":
      return test.operands.map((operand) => bracketed(operand, operand.kind === "or")).join(" or ");
    case "and":
      return test.operands
        .map((operand) => bracketed(operand, operand.kind === "or" || operand.kind === "and"))
        .join(" and ");
    case "not":
      return `not ${bracketed(test.operand, test.operand.kind === "or" || test.operand.kind === "and")}`;
    case "compare":
      return `${printOperand(test.left)} ${test.operator} ${printOperand(test.right)}`;
    case "in":
      return `${printOperand(test.left)} in ${printValue(test.right)}`;
    case "operand":
      return printOperand(test.operand);
  }
}

function bracketed(test: Test, needed: boolean): string {
  return needed ? `(${printTest(test)})` : printTest(test);
}

export function printValue(value: Value): string {
  return value.kind === "set" ? `{ ${value.items.map(printOperand).join(", ")} }` : printOperand(value);
}

export function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case "string":
      return writeText(operand.value);
    case "ref":
      return operand.names.map((name) => name.text).join(".");
    default:
      return operand.text;
  }
}
