/** Makes the anchors of the headings of one page, as GitHub does: repeated ones are numbered. */
export class Slugs {
  readonly #taken = new Map<string, number>();

  of(heading: string): string {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const before = this.#taken.get(slug) ?? 0;
    this.#taken.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  }
}
