// Writes the age vectors of npm cctv-age into a directory, one pair of files each: NAME.head (the
// vector's "key: value" lines) and NAME.age (the age file, inflated). Usage: export.mjs DIRECTORY
import { mkdirSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { join } from "node:path";

const directory = process.argv[2];
const vectors = await import("cctv-age").catch(() => {
  console.error("cctv-age is not installed. Run 'npm ci' in tests/vectors/age, or './dev test'.");
  process.exit(1);
});

mkdirSync(directory, { recursive: true });
let count = 0;
for (const [name, bytes] of Object.entries(vectors.default ?? vectors)) {
  const vector = Buffer.from(bytes);
  const end = vector.indexOf("\n\n");
  const head = vector.subarray(0, end + 1).toString("utf8");
  const body = vector.subarray(end + 2);
  writeFileSync(join(directory, `${name}.head`), head);
  writeFileSync(join(directory, `${name}.age`), /^compressed: zlib$/m.test(head) ? inflateSync(body) : body);
  count += 1;
}
console.log(`${count} vectors written`);
