// Frames on a stream: u32 length and name, u32 length and bytes.
export async function* frames(stream) {
  const chunks = [];
  let held = 0;
  const source = stream[Symbol.asyncIterator]();
  const take = async (count) => {
    while (held < count) {
      const { value, done } = await source.next();
      if (done) return null;
      chunks.push(value);
      held += value.length;
    }
    const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    chunks.splice(0, chunks.length, all.subarray(count));
    held -= count;
    return all.subarray(0, count);
  };
  for (;;) {
    const head = await take(4);
    if (!head) return;
    const name = (await take(head.readUInt32LE(0))).toString('utf8');
    const body = await take((await take(4)).readUInt32LE(0));
    yield { name, body: Buffer.from(body) };
  }
}
