// Pictures a shop would send, painted on a canvas: a quiet library, and the way to a shop.
() => {
  const canvas = (width, height) => {
    const made = document.createElement("canvas");
    made.width = width;
    made.height = height;
    return [made, made.getContext("2d")];
  };
  const gradient = (pen, height, ...stops) => {
    const made = pen.createLinearGradient(0, 0, 0, height);
    stops.forEach((colour, n) => made.addColorStop(n / (stops.length - 1), colour));
    return made;
  };
  const words = (pen, text, x, y, size, colour, weight = 700) => {
    pen.fillStyle = colour;
    pen.font = `${weight} ${size}px "Noto Sans CJK KR", "Noto Sans KR", sans-serif`;
    pen.fillText(text, x, y);
  };

  const [library, a] = canvas(800, 400);
  a.fillStyle = gradient(a, 400, "#f7d9b7", "#f3b88c", "#d98a6a");
  a.fillRect(0, 0, 800, 400);
  a.fillStyle = "#fff2dc";
  a.beginPath();
  a.arc(620, 130, 62, 0, 7);
  a.fill();
  for (const [x, y, r, colour] of [[140, 470, 260, "#8c5a4c"], [520, 520, 330, "#6f463f"]]) {
    a.fillStyle = colour;
    a.beginPath();
    a.arc(x, y, r, 0, 7);
    a.fill();
  }
  const spines = ["#264653", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51", "#577590", "#43aa8b"];
  let x = 400;
  for (let n = 0; x < 740; n += 1) {
    const width = 22 + (n * 13) % 18, height = 110 + (n * 37) % 60;
    a.fillStyle = spines[n % spines.length];
    a.fillRect(x, 372 - height, width, height);
    a.fillStyle = "rgb(255 255 255 / .55)";
    a.fillRect(x + 5, 372 - height + 16, width - 10, 5);
    x += width + 3;
  }
  a.fillStyle = "#4a302b";
  a.fillRect(380, 372, 420, 28);
  words(a, "그림책 함께 읽기", 56, 150, 52, "#4a2a20");
  words(a, "토요일 아침, 나루도서관 이야기방", 58, 204, 24, "#6b4335", 500);

  const [map, b] = canvas(720, 540);
  b.fillStyle = "#f3efe6";
  b.fillRect(0, 0, 720, 540);
  b.fillStyle = "#cfe3c4";
  b.fillRect(40, 40, 210, 150);
  b.fillRect(470, 330, 210, 170);
  b.strokeStyle = "#a9d0ea";
  b.lineWidth = 74;
  b.beginPath();
  b.moveTo(-20, 430);
  b.bezierCurveTo(220, 330, 400, 560, 760, 220);
  b.stroke();
  b.strokeStyle = "#ffffff";
  for (const [width, ...line] of [[30, 0, 250, 720, 210], [30, 310, 0, 350, 540], [16, 120, 0, 150, 540], [16, 0, 110, 720, 80], [16, 560, 0, 590, 540]]) {
    b.lineWidth = width;
    b.beginPath();
    b.moveTo(line[0], line[1]);
    b.lineTo(line[2], line[3]);
    b.stroke();
  }
  b.fillStyle = "#d64545";
  b.beginPath();
  b.arc(410, 150, 30, Math.PI * 0.9, Math.PI * 2.1);
  b.lineTo(410, 222);
  b.fill();
  b.fillStyle = "#fff";
  b.beginPath();
  b.arc(410, 146, 11, 0, 7);
  b.fill();
  words(b, "나루상점 한강점", 452, 160, 30, "#3a2b20");
  words(b, "물길로", 610, 236, 20, "#8a8172", 500);
  words(b, "나루역 2번 출구", 70, 292, 22, "#3f6b8a", 600);
  words(b, "한강", 520, 402, 24, "#4f86a8", 600);

  return { "library.png": library.toDataURL("image/png"), "map.jpg": map.toDataURL("image/jpeg", 0.86) };
}
