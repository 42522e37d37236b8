import { visit } from 'jsonc-parser';

/**
 * Whether some object of a JSON text names a key twice. `JSON.parse` takes the last of them, another reader the first, so such a text
 * means different things to different readers (RFC 8785 builds on I-JSON, RFC 7493, which forbids it).
 */
export function hasRepeatedKey(json: string): boolean {
  const open: Set<string>[] = [];
  let isRepeated = false;
  visit(json, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name) => {
      const keys = open.at(-1);
      if (keys?.has(name) === true) isRepeated = true;
      keys?.add(name);
    },
  });
  return isRepeated;
}
