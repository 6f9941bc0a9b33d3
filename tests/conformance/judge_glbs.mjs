// Judges GLBs by gltf-validator, each as the plain twin that npm meshoptimizer decodes it to.
// In: frames on stdin (u32 length and name, u32 length and bytes). Out: one JSON object a line, for each GLB with faults,
// and a last line with the counts. With a folder as argument the twins are written there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { frames } from './frames.mjs';
import { plainTwin } from './twin.mjs';

const validator = createRequire(import.meta.url)('gltf-validator');
const folder = process.argv[2];
if (folder) mkdirSync(folder, { recursive: true });
const totals = { judged: 0, errors: 0, warnings: 0 };

for await (const { name, body: glb } of frames(process.stdin)) {
  totals.judged += 1;
  const faults = await faultsOf(name, glb);
  totals.errors += faults.filter((fault) => fault.severity === 0).length;
  totals.warnings += faults.filter((fault) => fault.severity === 1).length;
  if (faults.length) console.log(JSON.stringify({ name, faults }));
}
console.log(JSON.stringify(totals));

async function faultsOf(name, glb) {
  try {
    const twin = plainTwin(glb);
    if (folder) writeFileSync(join(folder, `${totals.judged - 1}.glb`), twin);
    const report = await validator.validateBytes(new Uint8Array(twin), { maxIssues: 50, writeTimestamp: false });
    return report.issues.messages.filter((message) => message.severity < 2);
  } catch (error) {
    return [{ severity: 0, code: 'UNDECODABLE', message: String(error), pointer: name }];
  }
}
