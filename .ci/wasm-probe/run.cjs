// Runs the probe on one capture, with nothing imported: no clock, no files, no randomness.
const { readFileSync } = require("fs");
const [wasm, capture] = process.argv.slice(2);
const probe = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), {}).exports;
const bytes = readFileSync(capture);
const room = probe.room(bytes.length);
new Uint8Array(probe.memory.buffer, room, bytes.length).set(bytes);
const length = probe.read();
const report = JSON.parse(Buffer.from(probe.memory.buffer, probe.told(), length).toString());
if (report.schema !== "hangup/1" || report.connections.length === 0) throw new Error("not a report");
console.log(`${capture}: ${report.connections.length} connections, ${JSON.stringify(report.summary.by_cause)}`);
