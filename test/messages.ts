import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, parseSync, Visitor } from "vite";
import { READ_ON } from "../src/expected.ts";
import { root } from "./run.ts";

type Node = ESTree.Node | null | undefined;

/** A message as it is written in a source; `…` stands for what it is filled in with. */
export interface Message {
  readonly file: string;
  readonly text: string;
  /** Whether it ends with where to read on. */
  readonly readsOn: boolean;
}

/** How an error is made or reported, and where the message is in the arguments. */
const MAKERS: readonly (readonly [name: RegExp, argument: number])[] = [
  [/^(?=[A-Z])\w*Error$|^DOMException$/, 0],
  [/^named$/, 1],
  [/^abandoned$/, 0],
  [/^console\.(error|warn)$/, 0],
];

/** Every message that a source can throw or report, in the order of its text. */
export function messagesOf(file: string): Message[] {
  const messages: Message[] = [];
  const constants = new Map<string, Node>();
  const { program, errors } = parseSync(file, readFileSync(join(root, file), "utf8"));
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);

  function textOf(node: Node): string {
    if (node?.type === "Literal" && typeof node.value === "string") return node.value;
    if (node?.type === "Identifier" && node.name === "READ_ON") return READ_ON;
    if (node?.type === "Identifier" && constants.has(node.name)) return textOf(constants.get(node.name));
    if (node?.type !== "TemplateLiteral") return "…";
    return node.quasis
      .map(({ value }, i) => value.cooked + (i in node.expressions ? textOf(node.expressions[i]) : ""))
      .join("");
  }
  function add(text: string): void {
    const readsOn = text.endsWith(READ_ON);
    messages.push({ file, text: readsOn ? text.slice(0, -READ_ON.length) : text, readsOn });
  }
  function made(callee: Node, args: readonly Node[]): void {
    const name = nameOf(callee);
    if (name === "expected") add(`${textOf(args[0])}: expected ${textOf(args[1])}, got …${READ_ON}`);
    const [, argument] = MAKERS.find(([maker]) => maker.test(name)) ?? [];
    if (argument !== undefined) add(textOf(args[argument]));
  }

  new Visitor({
    VariableDeclarator: ({ id, init }) => void (id.type === "Identifier" && constants.set(id.name, init)),
  }).visit(program);
  new Visitor({
    CallExpression: (node) => made(node.callee, node.arguments),
    NewExpression: (node) => made(node.callee, node.arguments),
    // What is thrown is made here, or was made elsewhere and is thrown on.
    ThrowStatement: ({ argument }) => void (isValue(argument) && add(textOf(argument))),
  }).visit(program);
  return messages;
}

function nameOf(callee: Node): string {
  if (callee?.type === "Identifier") return callee.name;
  if (callee?.type !== "MemberExpression" || callee.property.type !== "Identifier") return "";
  return `${nameOf(callee.object)}.${callee.property.name}`;
}

/** A text, an object: anything but an error that is made, or one that has a name. */
function isValue({ type }: ESTree.Expression): boolean {
  return !["NewExpression", "CallExpression", "Identifier", "MemberExpression"].includes(type);
}
