import { memo } from "react";

/** The colours of the prints: ground, shape, shape. Decoration only, so contrast does not matter. */
const INKS = [
  ["#1d3a8f", "#f2b705", "#f25c54"],
  ["#0d5c4d", "#f7c59f", "#ef6f3c"],
  ["#5b2a86", "#ff9fb2", "#ffd166"],
  ["#b3261e", "#ffd9a0", "#2b1a3d"],
  ["#0f4c75", "#bbe1fa", "#f8b500"],
  ["#22223b", "#f2e9e4", "#c94c4c"],
  ["#d1495b", "#edae49", "#00798c"],
  ["#1b4332", "#b7e4c7", "#ffb703"],
] as const;

/** A small print for a ticket, the same every time: what makes one find a ticket again at a glance. */
export const TicketArt = memo(function TicketArt({ id }: { id: string }) {
  const random = numbersFrom(id);
  const [ground, first, second] = INKS[Math.floor(random() * INKS.length)] ?? INKS[0];
  const Print = PRINTS[Math.floor(random() * PRINTS.length)] ?? Rays;
  return (
    <svg className="art" viewBox="0 0 320 120" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
      <rect width="320" height="120" fill={ground} />
      <Print random={random} first={first} second={second} />
    </svg>
  );
});

interface PrintProps {
  random: () => number;
  first: string;
  second: string;
}

function Rays({ random, first, second }: PrintProps) {
  const x = 60 + random() * 200;
  const count = 14;
  const rays = Array.from({ length: count }, (_, n) => {
    const [from, to] = [(n / count) * 2 * Math.PI, ((n + 0.5) / count) * 2 * Math.PI];
    const point = (angle: number): string => `${(x + 400 * Math.cos(angle)).toFixed(1)} ${(125 + 400 * Math.sin(angle)).toFixed(1)}`;
    return `M${x} 125L${point(from)}L${point(to)}Z`;
  });
  return (
    <>
      <path d={rays.join("")} fill={first} opacity="0.85" />
      <circle cx={x} cy="125" r="48" fill={second} />
    </>
  );
}

function Hills({ random, first, second }: PrintProps) {
  const wave = (base: number, height: number): string => {
    const [a, b, c] = [random(), random(), random()].map((value) => base - height * (0.5 + value / 2));
    return `M0 120V${base}C60 ${a} 80 ${a} 120 ${base}S190 ${b} 220 ${base}S290 ${c} 320 ${base}V120Z`;
  };
  return (
    <>
      <circle cx={50 + random() * 220} cy={30 + random() * 20} r="20" fill={first} />
      <path d={wave(80, 45)} fill={second} />
      <path d={wave(105, 40)} fill={first} opacity="0.9" />
    </>
  );
}

function Rings({ random, first, second }: PrintProps) {
  const centres = [40 + random() * 100, 180 + random() * 100];
  return (
    <>
      {centres.map((x, n) =>
        [62, 48, 34, 20].map((r) => (
          <circle key={`${x} ${r}`} cx={x} cy={n === 0 ? 30 : 95} r={r} fill="none" stroke={n === 0 ? first : second} strokeWidth="7" />
        )),
      )}
    </>
  );
}

function Bars({ random, first, second }: PrintProps) {
  return (
    <>
      {Array.from({ length: 20 }, (_, n) => {
        const height = 18 + random() * 90;
        return <rect key={n} x={n * 16 + 3} y={120 - height} width="10" height={height} rx="5" fill={random() < 0.3 ? second : first} />;
      })}
    </>
  );
}

function Confetti({ random, first, second }: PrintProps) {
  return (
    <>
      {Array.from({ length: 26 }, (_, n) => {
        const [x, y] = [random() * 320, random() * 120];
        const turn = `rotate(${(random() * 180).toFixed(0)} ${x.toFixed(1)} ${y.toFixed(1)})`;
        const colour = n % 3 === 0 ? second : first;
        return <rect key={n} x={x} y={y} width={6 + random() * 16} height="6" rx="3" fill={colour} transform={turn} />;
      })}
    </>
  );
}

function Tiles({ random, first, second }: PrintProps) {
  return (
    <>
      {Array.from({ length: 24 }, (_, n) => {
        const [x, y] = [(n % 8) * 40, Math.floor(n / 8) * 40];
        const turns = Math.floor(random() * 4) * 90;
        const colour = random() < 0.35 ? second : first;
        return random() < 0.25 ? null : (
          <path key={n} d={`M${x} ${y}h40a40 40 0 0 1-40 40z`} fill={colour} transform={`rotate(${turns} ${x + 20} ${y + 20})`} />
        );
      })}
    </>
  );
}

const PRINTS = [Rays, Hills, Rings, Bars, Confetti, Tiles];

/** Numbers in [0, 1), always the same ones for the same text (FNV-1a, then mulberry32). */
function numbersFrom(text: string): () => number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
