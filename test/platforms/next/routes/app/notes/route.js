import "../notes.js";

export function GET() {
  return Response.json([...globalThis.notes]);
}
