// Decodes terrain tiles by HERE's decoder. In: frames on stdin. Out: one JSON object a line, in the same order.
import decode from '@here/quantized-mesh-decoder';
import { frames } from './frames.mjs';

const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
const read = decode.default ?? decode;

for await (const { name, body } of frames(process.stdin)) {
  const tile = read(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  const { header, vertexData, triangleIndices, westIndices, eastIndices, southIndices, northIndices } = tile;
  const lists = { vertexData, triangleIndices, westIndices, eastIndices, southIndices, northIndices };
  const listed = Object.fromEntries(Object.entries(lists).map(([key, value]) => [key, plain(value)]));
  console.log(JSON.stringify({ name, minHeight: header.minHeight, maxHeight: header.maxHeight, ...listed }));
}
