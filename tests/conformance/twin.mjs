// A GLB whose EXT_meshopt_compression streams are decoded by npm meshoptimizer: the same tile without the extension.
import { MeshoptDecoder } from 'meshoptimizer';

const NAME = 'EXT_meshopt_compression';
await MeshoptDecoder.ready;

export function plainTwin(glb) {
  const { document, binary } = unpack(glb);
  const parts = [];
  let length = 0;
  for (const view of document.bufferViews ?? []) {
    const bytes = viewBytes(view, binary);
    const gap = (8 - (length % 8)) % 8;
    parts.push(new Uint8Array(gap), bytes);
    Object.assign(view, { buffer: 0, byteOffset: length + gap, byteLength: bytes.length });
    dropExtension(view);
    length += gap + bytes.length;
  }
  parts.push(new Uint8Array((8 - (length % 8)) % 8));
  length += (8 - (length % 8)) % 8;
  document.buffers = [{ byteLength: length }];
  for (const list of ['extensionsUsed', 'extensionsRequired']) {
    document[list] = (document[list] ?? []).filter((name) => name !== NAME);
    if (document[list].length === 0) delete document[list];
  }
  return pack(document, Buffer.concat(parts, length));
}

function viewBytes(view, binary) {
  const stream = view.extensions?.[NAME];
  if (!stream) return binary.subarray(view.byteOffset ?? 0, (view.byteOffset ?? 0) + view.byteLength);
  const source = binary.subarray(stream.byteOffset ?? 0, (stream.byteOffset ?? 0) + stream.byteLength);
  const plain = new Uint8Array(stream.count * stream.byteStride);
  MeshoptDecoder.decodeGltfBuffer(plain, stream.count, stream.byteStride, source, stream.mode, stream.filter);
  if (plain.length !== view.byteLength) throw new Error(`view of ${view.byteLength} bytes, stream of ${plain.length}`);
  return plain;
}

function dropExtension(view) {
  if (!view.extensions) return;
  delete view.extensions[NAME];
  if (Object.keys(view.extensions).length === 0) delete view.extensions;
}

function unpack(glb) {
  const jsonLength = glb.readUInt32LE(12);
  const document = JSON.parse(glb.subarray(20, 20 + jsonLength).toString('utf8'));
  const at = 20 + jsonLength;
  const binary = at < glb.length ? glb.subarray(at + 8, at + 8 + glb.readUInt32LE(at)) : Buffer.alloc(0);
  return { document, binary };
}

function pack(document, binary) {
  const text = Buffer.from(JSON.stringify(document), 'utf8');
  const json = Buffer.concat([text, Buffer.alloc((8 - ((28 + text.length) % 8)) % 8, ' ')]);
  const head = Buffer.alloc(20);
  head.write('glTF', 0);
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(28 + json.length + binary.length, 8);
  head.writeUInt32LE(json.length, 12);
  head.write('JSON', 16);
  const chunk = Buffer.alloc(8);
  chunk.writeUInt32LE(binary.length, 0);
  chunk.write('BIN\0', 4);
  return Buffer.concat([head, json, chunk, binary]);
}
