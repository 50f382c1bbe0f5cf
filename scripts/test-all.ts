// npm run test:all -- [folder of test/extra]...
// Everything: npm test, npm run test:hosts, and then each folder of test/extra, which has packages of its own: installs
// these and runs its tests. With folders named: these alone, after a build.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

interface Step {
  readonly name: string;
  /** They run in the root, one after another, as far as the first that fails. */
  readonly commands: readonly string[];
}

interface Done {
  readonly name: string;
  /** The command that failed, where one did. */
  readonly failed: string | undefined;
  readonly seconds: number;
}

const root = join(import.meta.dirname, "..");

/** Every folder with packages of its own: a new one needs no word here. */
function extras(): Step[] {
  return globSync("test/extra/{*,frameworks/*}/package.json", { cwd: root })
    .map((file) => dirname(file).replaceAll("\\", "/"))
    .sort()
    .map((folder) => ({
      name: folder.replace("test/extra/", ""),
      commands: [
        `npm ci --prefix ${folder}`,
        // The test runner is the root's.
        `npx --no-install vitest run --config test/extra/vitest.config.ts ${folder}/`,
      ],
    }));
}

/** Runs a command in view; fulfils with whether it ended well. */
async function succeeds(command: string): Promise<boolean> {
  const child = spawn(command, { cwd: root, shell: true, stdio: "inherit" });
  const [code] = await once(child, "exit");
  return code === 0;
}

async function run({ name, commands }: Step): Promise<Done> {
  const start = performance.now();
  let failed: string | undefined;
  for (const command of commands) {
    console.log(`\n[${name}] ${command}`);
    if (await succeeds(command)) continue;
    failed = command;
    break;
  }
  return { name, failed, seconds: (performance.now() - start) / 1_000 };
}

function refuse(message: string): never {
  console.error(`npm run test:all: ${message}`);
  process.exit(2);
}

/** Whether a folder is the one that is named, or in it. */
const isOf = (name: string, folder: string) => name === folder || name.startsWith(`${folder}/`);

const known = extras();
const named = process.argv.slice(2);
for (const name of named) {
  if (known.some((step) => isOf(step.name, name))) continue;
  refuse(`unknown folder "${name}"; expected one of ${known.map((step) => step.name).join(", ")}`);
}

const tiers: Step[] = [
  { name: "npm test", commands: ["npm test"] },
  { name: "test:hosts", commands: ["npm run test:hosts"] },
];
// Some of the folders install the package as it is built.
const build: Step = { name: "build", commands: ["npm run build"] };
const wanted = known.filter(({ name }) => named.some((folder) => isOf(name, folder)));
const steps = named.length > 0 ? [build, ...wanted] : [...tiers, ...known];
const done: Done[] = [];
for (const [index, step] of steps.entries()) {
  console.log(`\n${index + 1} of ${steps.length}: ${step.name}`);
  done.push(await run(step));
}

console.log("\nSummary");
for (const { name, failed, seconds } of done) {
  const verdict = failed === undefined ? "pass" : "FAIL";
  console.log(`${verdict}  ${name.padEnd(24)} ${seconds.toFixed(0).padStart(5)} s${failed ? `  at ${failed}` : ""}`);
}
process.exit(done.every(({ failed }) => failed === undefined) ? 0 : 1);
