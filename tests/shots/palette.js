// A picture in its 256 commonest colours; the others become the nearest of these.
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);

  const count = data.length / 4;
  const seen = new Map(); // colour, two bits a channel dropped → how often, and one of its colours
  for (let n = 0; n < count; n += 1) {
    const at = 4 * n, key = (data[at] >> 2 << 12) | (data[at + 1] >> 2 << 6) | data[at + 2] >> 2;
    const found = seen.get(key);
    if (found) found.often += 1;
    else seen.set(key, { often: 1, colour: [data[at], data[at + 1], data[at + 2]], place: -1 });
  }
  const common = [...seen.values()].sort((one, other) => other.often - one.often);
  const palette = common.slice(0, 256);
  palette.forEach((one, place) => { one.place = place; });
  for (const one of common.slice(256)) {
    let least = Infinity;
    palette.forEach(({ colour }, place) => {
      const [r, g, b] = colour.map((value, n) => value - one.colour[n]);
      const far = 2 * r * r + 4 * g * g + 3 * b * b;
      if (far < least) { least = far; one.place = place; }
    });
  }

  const pixels = new Uint8Array(count);
  for (let n = 0; n < count; n += 1) {
    const at = 4 * n;
    pixels[n] = seen.get((data[at] >> 2 << 12) | (data[at + 1] >> 2 << 6) | data[at + 2] >> 2).place;
  }
  let text = "";
  for (let n = 0; n < count; n += 30000) text += String.fromCharCode(...pixels.subarray(n, n + 30000));
  return {
    width: image.width,
    height: image.height,
    palette: palette.flatMap(({ colour }) => colour),
    pixels: btoa(text),
  };
}
