/** A drawn portrait of nobody, as a decoder gives it: PNG, 102 × 126 pixels, base64. */
export function portrait(): string {
  const canvas = document.createElement('canvas');
  canvas.width = 102;
  canvas.height = 126;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  const fill = (colour: string, draw: () => void): void => {
    pen.fillStyle = colour;
    pen.beginPath();
    draw();
    pen.fill();
  };
  fill('#f4f6f8', () => pen.rect(0, 0, 102, 126));
  fill('#2c4a6e', () => pen.ellipse(51, 132, 46, 40, 0, 0, 7));
  fill('#d9a67f', () => pen.rect(42, 78, 18, 22));
  fill('#20242c', () => pen.ellipse(51, 44, 29, 32, 0, 0, 7));
  fill('#e6b48d', () => pen.ellipse(51, 54, 25, 31, 0, 0, 7));
  fill('#20242c', () => pen.ellipse(51, 27, 25, 13, 0, 0, 7));
  // A parting on one side: a mirrored picture shows.
  fill('#e6b48d', () => pen.rect(34, 26, 5, 12));
  for (const x of [41, 61]) fill('#1b1f26', () => pen.ellipse(x, 53, 2.4, 2, 0, 0, 7));
  fill('#b5625c', () => pen.ellipse(51, 71, 7, 2.2, 0, 0, 7));
  return canvas.toDataURL('image/png').split(',')[1] ?? '';
}
