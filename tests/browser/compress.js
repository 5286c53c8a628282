// A PNG with at most 256 colours from one with millions, inside the browser that took it: pictures for documents.
// Colours are chosen by how often they occur in a 5-bit cube, each as the mean of its cell; PNG chunks by hand.
async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), char => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, width, height).data;

  const cells = new Map();
  for (let at = 0; at < pixels.length; at += 4) {
    const key = (pixels[at] >> 3) << 10 | (pixels[at + 1] >> 3) << 5 | pixels[at + 2] >> 3;
    let cell = cells.get(key);
    if (!cell) cells.set(key, cell = [0, 0, 0, 0]);
    cell[0]++; cell[1] += pixels[at]; cell[2] += pixels[at + 1]; cell[3] += pixels[at + 2];
  }
  const means = [...cells.values()].sort((a, b) => b[0] - a[0])
    .map(([count, ...sums]) => ({ count, colour: sums.map(sum => Math.round(sum / count)) }));
  const distance = (one, other) => 2 * (one[0] - other[0]) ** 2 + 4 * (one[1] - other[1]) ** 2 + 3 * (one[2] - other[2]) ** 2;
  // The commonest colours, then the ones worst served by them: a small red mark must not turn yellow.
  const palette = means.splice(0, 176).map(mean => mean.colour);
  for (const mean of means) mean.apart = Math.min(...palette.map(colour => distance(colour, mean.colour)));
  while (palette.length < 256 && means.length) {
    let worst = 0;
    means.forEach((mean, place) => {
      if (mean.apart * Math.sqrt(mean.count) > means[worst].apart * Math.sqrt(means[worst].count)) worst = place;
    });
    const [chosen] = means.splice(worst, 1);
    palette.push(chosen.colour);
    for (const mean of means) mean.apart = Math.min(mean.apart, distance(chosen.colour, mean.colour));
  }
  const nearest = new Map();
  const index = (red, green, blue) => {
    const key = red << 16 | green << 8 | blue;
    let best = nearest.get(key);
    if (best === undefined) {
      let least = Infinity;
      palette.forEach((colour, place) => {
        const apart = distance(colour, [red, green, blue]);
        if (apart < least) { least = apart; best = place; }
      });
      nearest.set(key, best);
    }
    return best;
  };
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      rows[y * (width + 1) + 1 + x] = index(pixels[at], pixels[at + 1], pixels[at + 2]);
    }
  }
  const packed = new Uint8Array(await new Response(
    new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer());

  const table = Uint32Array.from({ length: 256 }, (_, number) => {
    for (let bit = 0; bit < 8; bit++) number = number & 1 ? 0xEDB88320 ^ number >>> 1 : number >>> 1;
    return number;
  });
  const chunk = (name, content) => {
    const body = new Uint8Array(4 + content.length);
    body.set([...name].map(char => char.charCodeAt(0)));
    body.set(content, 4);
    let sum = 0xFFFFFFFF;
    for (const byte of body) sum = table[(sum ^ byte) & 255] ^ sum >>> 8;
    const whole = new Uint8Array(body.length + 8), view = new DataView(whole.buffer);
    view.setUint32(0, content.length);
    whole.set(body, 4);
    view.setUint32(body.length + 4, (sum ^ 0xFFFFFFFF) >>> 0);
    return whole;
  };
  const head = new Uint8Array(13), view = new DataView(head.buffer);
  view.setUint32(0, width); view.setUint32(4, height);
  head.set([8, 3, 0, 0, 0], 8);
  const file = new Blob([
    new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head), chunk("PLTE", Uint8Array.from(palette.flat())), chunk("IDAT", packed), chunk("IEND", new Uint8Array()),
  ]);
  const result = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < result.length; at += 32768) text += String.fromCharCode(...result.subarray(at, at + 32768));
  return btoa(text);
}
