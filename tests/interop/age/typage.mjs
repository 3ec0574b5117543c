// The TypeScript age, as a command. Usage:
//   typage.mjs open IDENTITY SEALED PLAIN
//   typage.mjs seal RECIPIENT PLAIN SEALED
import { readFileSync, writeFileSync } from "node:fs";

const { Decrypter, Encrypter } = await import(
  "../../vectors/age/node_modules/age-encryption/dist/index.js"
).catch(() => {
  console.error("age-encryption is not installed. Run 'npm ci' in tests/vectors/age, or './dev test'.");
  process.exit(1);
});

const [verb, key, from, to] = process.argv.slice(2);

async function work() {
  const bytes = readFileSync(from);
  if (verb === "open") {
    const decrypter = new Decrypter();
    decrypter.addIdentity(key);
    return decrypter.decrypt(bytes);
  }
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  return encrypter.encrypt(bytes);
}

try {
  writeFileSync(to, await work());
} catch (error) {
  console.error(`typage: ${error.message}`);
  process.exit(1);
}
