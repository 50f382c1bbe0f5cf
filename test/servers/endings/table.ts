/** A table of what was told: a row per scenario, and a column for all servers that tell the same. */
export class Table {
  readonly #cells = new Map<string, Map<string, string>>();

  /** @throws {Error} for a second way of a server that tells something else: then it must be two columns. */
  add(row: string, column: string, words: string): void {
    const cells = this.#cells.get(row) ?? new Map<string, string>();
    if ((cells.get(column) ?? words) !== words) throw new Error(`${row}, ${column}: ${cells.get(column)}, ${words}`);
    this.#cells.set(row, cells.set(column, words));
  }

  /** The rows that have any cell, in the order given. */
  toMarkdown(rows: readonly string[], columns: readonly string[]): string {
    const filled = rows.filter((row) => this.#cells.has(row));
    const groups: { names: string[]; cells: (string | undefined)[] }[] = [];
    for (const name of columns) {
      const cells = filled.map((row) => this.#cells.get(row)?.get(name));
      // What one of them does not have keeps no two apart.
      const same = groups.find((group) =>
        cells.every((cell, i) => cell === undefined || group.cells[i] === undefined || cell === group.cells[i]),
      );
      if (!same) groups.push({ names: [name], cells });
      else {
        same.names.push(name);
        same.cells = same.cells.map((cell, i) => cell ?? cells[i]);
      }
    }
    const line = (cells: readonly (string | undefined)[]) => `| ${cells.map((cell) => cell ?? "").join(" | ")} |`;
    return [
      line(["", ...groups.map(({ names }) => names.join(", "))]),
      `|${"---|".repeat(groups.length + 1)}`,
      ...filled.map((row, i) => line([row, ...groups.map(({ cells }) => cells[i])])),
    ].join("\n");
  }
}
