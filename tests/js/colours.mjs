// Colours as eyes see them, also eyes without one kind of cone.
// Sources: sRGB, IEC 61966-2-1; contrast, WCAG 2.2; OKLab, B. Ottosson 2020; colour blindness, Machado, Oliveira and Fernandes 2009.

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** @param {string} hex "#0b62a8" @returns {number[]} linear red, green, blue from 0 to 1 */
export const rgb = (hex) => [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));

const times = (matrix, [a, b, c]) => matrix.map(([x, y, z]) => x * a + y * b + z * c);

/** What an eye sees that lacks one kind of cone, for linear colours. */
export const EYES = {
  trichromat: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanope: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranope: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanope: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

export const seenBy = (eye, colour) => times(EYES[eye], colour).map((part) => Math.min(1, Math.max(0, part)));

const TO_LMS = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const TO_LAB = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const oklab = (colour) => times(TO_LAB, times(TO_LMS, colour).map(Math.cbrt));

/** How far apart two colours look: 0.02 is just to be noticed side by side. */
export const distance = (one, other) => Math.hypot(...oklab(one).map((part, i) => part - oklab(other)[i]));

const luminance = (colour) =>
  times(
    [
      [0.2126, 0.7152, 0.0722],
      [0, 0, 0],
      [0, 0, 0],
    ],
    colour,
  )[0];

/** WCAG's contrast, from 1 to 21. */
export const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
