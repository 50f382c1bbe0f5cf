// What GitHub reads: forms and workflows, parsed by Bun, which brings a parser of YAML.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root, run } from "./run.ts";

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: readonly unknown[] };
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Field[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly "timeout-minutes": number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github");
const files = globSync("**/*.yml", { cwd: folder });
const forms = files.filter((file) => file.startsWith("ISSUE_TEMPLATE") && !file.endsWith("config.yml"));
const workflows = files.filter((file) => file.startsWith("workflows"));

let parsed: Readonly<Record<string, unknown>> = {};
beforeAll(async () => {
  const paths = JSON.stringify(files.map((file) => [file, join(folder, file)]));
  const program = `
    const { readFileSync } = require("node:fs");
    const entries = ${paths}.map(([file, path]) => [file, Bun.YAML.parse(readFileSync(path, "utf8"))]);
    console.log(JSON.stringify(Object.fromEntries(entries)));
  `;
  const { stdout, stderr } = await run("npx", ["--no-install", "bun", "--eval", program]);
  expect(stdout, stderr).not.toBe("");
  parsed = JSON.parse(stdout) as typeof parsed;
});

test("there are forms for bugs and features, and workflows to check and to publish", () => {
  expect(forms.toSorted()).toEqual(["ISSUE_TEMPLATE/bug.yml", "ISSUE_TEMPLATE/feature.yml"]);
  expect(workflows.toSorted()).toEqual(["workflows/check.yml", "workflows/publish.yml"]);
});

describe.each(forms)("%s", (file) => {
  test("has a name, a description, and fields with labels and ids of their own", () => {
    const { name, description, body } = parsed[file] as Form;
    expect([name, description]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
    const fields = body.filter(({ type }) => type !== "markdown");
    for (const { type, id, attributes } of fields) {
      expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(type);
      expect(id).toMatch(/^[a-z-]+$/);
      expect(attributes.label).toMatch(/\w/);
    }
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  });
});

test("the form for bugs lists every import path", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
  const names = Object.keys(exports).map((subpath) => `response-then${subpath.slice(1)}`);
  const { body } = parsed["ISSUE_TEMPLATE/bug.yml"] as Form;
  const options = body.find(({ id }) => id === "import-path")?.attributes.options;
  expect(options).toEqual(names.filter((name) => name !== "response-then/package.json").sort());
});

describe.each(workflows)("%s", (file) => {
  test("may read the repository and nothing else, but to prove who publishes", () => {
    const { permissions, jobs } = parsed[file] as Workflow;
    expect(permissions).toEqual({ contents: "read" });
    const own = Object.values(jobs).flatMap((job) => Object.entries(job.permissions ?? {}));
    const publishes = file === "workflows/publish.yml";
    expect(Object.fromEntries(own)).toEqual(publishes ? { contents: "read", "id-token": "write" } : {});
  });

  test("uses actions by their commits, keeps no credentials, and ends by itself", () => {
    const { jobs } = parsed[file] as Workflow;
    for (const { steps, "timeout-minutes": minutes } of Object.values(jobs)) {
      expect(minutes).toBeLessThanOrEqual(120);
      for (const { uses, with: options } of steps) {
        if (uses === undefined) continue;
        expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
        if (uses.startsWith("actions/checkout@")) expect(options).toEqual({ "persist-credentials": false });
      }
    }
  });

  test("takes nothing of an event into a command", () => {
    const { jobs } = parsed[file] as Workflow;
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.map((step) => step.run ?? ""));
    expect(commands).toContain("bash .ci/run");
    expect(commands.filter((command) => command.includes("${{"))).toEqual([]);
  });
});
