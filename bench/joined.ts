/** What one way did on one server. */
export interface Line<Cell> {
  readonly way: string;
  readonly server: string;
  readonly cells: readonly Cell[];
}

/**
 * The rows of a table, by way: servers on which it did the same share one.
 *
 * @param kindOf What must be the same; numbers may differ.
 * @param textOf The text of the cells of one column that share a row.
 */
export function joinLines<Cell>(
  lines: readonly Line<Cell>[],
  kindOf: (cell: Cell) => string,
  textOf: (cells: readonly Cell[]) => string,
): string[][] {
  const shared = new Map<string, Line<Cell>[]>();
  for (const line of lines) {
    const kind = [line.way, ...line.cells.map(kindOf)].join("\n");
    shared.set(kind, [...(shared.get(kind) ?? []), line]);
  }
  const ways = [...new Set(lines.map(({ way }) => way))];
  const rows = [...shared.values()].sort(([a], [b]) => ways.indexOf(a?.way ?? "") - ways.indexOf(b?.way ?? ""));
  return rows.map((lines) => {
    const columns = lines[0]?.cells.map((_, column) => lines.map(({ cells }) => cells[column] as Cell)) ?? [];
    return [lines[0]?.way ?? "", lines.map(({ server }) => server).join(", "), ...columns.map(textOf)];
  });
}

/** The least and the greatest of some numbers, with the unit once: `1 to 5 ms`. */
export function rangeText(values: readonly number[], unit: string, digits = 0): string {
  const text = (value: number) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? `${least} ${unit}` : `${least} to ${most} ${unit}`;
}
