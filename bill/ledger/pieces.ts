// SPDX-License-Identifier: Apache-2.0
/**
 * Puts together the lines that a container runtime cut: CRI-O where a read of the pipe stops within a line, containerd and docker
 * at 16 KiB. Knows their files' form; whose line it is and what it says are decided by who reads it. Bounded in memory.
 */
import { objectOf } from "./unwrap.ts";

/** Longer texts are no ledger lines: the sidecar's stay under 16 KiB. */
const LONGEST = 64 * 1024;
/** Docker cuts only where its buffer is full; shorter entries without a line end are those of collectors, which took it off. */
const DOCKER_BUFFER = 16 * 1024;
/** Whatever else a text names as its stream is nobody's, and would cost memory for each name. */
const DOCKER_STREAMS: readonly unknown[] = ["stdout", "stderr"];
const CRI = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (stdout|stderr) )([PF]) /;

interface Piece {
  stream: string;
  content: string;
  isLast: boolean;
  /** Another content in the form that this one came in; what is not whole says so where the form can. */
  written(content: string, isWhole: boolean): string;
}

/** The same texts, those that were one line as one. What stays half, or is too long to hold, is there as the part that it is. */
export async function* wholeTexts(texts: AsyncIterable<string>): AsyncIterable<string> {
  const held = new Map<string, Piece>();
  for await (const text of texts) {
    const piece =
      criPiece(text) ??
      dockerPiece(
        text,
        DOCKER_STREAMS.some((stream) => held.has(`docker ${stream}`)),
      );
    const before = piece && held.get(piece.stream);
    if (piece === undefined || (piece.isLast && before === undefined)) {
      yield text;
      continue;
    }
    const content = ((before?.content ?? "") + piece.content).slice(0, LONGEST + 1);
    if (piece.isLast) {
      held.delete(piece.stream);
      yield piece.written(content, content.length <= LONGEST);
    } else {
      held.set(piece.stream, { ...piece, content });
    }
  }
  for (const piece of held.values()) yield piece.written(piece.content, false);
}

function criPiece(text: string): Piece | undefined {
  const [all = "", head = "", stream = "", tag] = CRI.exec(text) ?? [];
  if (all === "") return undefined;
  const written = (content: string, isWhole: boolean) => `${head}${isWhole ? "F" : "P"} ${content}`;
  return { stream: `cri ${stream}`, content: text.slice(all.length), isLast: tag === "F", written };
}

/** Only what can be a part, or follows one: all other lines of docker's are parsed once, and not here. */
function dockerPiece(text: string, isAwaited: boolean): Piece | undefined {
  if (!text.startsWith('{"log":') || !(isAwaited || text.length > DOCKER_BUFFER)) return undefined;
  const { log, stream, ...others } = objectOf(text) ?? {};
  if (typeof log !== "string" || !DOCKER_STREAMS.includes(stream)) return undefined;
  const isLast = log.endsWith("\n") || Buffer.byteLength(log) < DOCKER_BUFFER;
  const written = (content: string) => JSON.stringify({ log: content, stream, ...others });
  return { stream: `docker ${stream}`, content: log, isLast, written };
}
