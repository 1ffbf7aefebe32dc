// The person's own photo, for showing it beside others: a small copy in this tab alone, gone when the tab is closed.

const SIDE = 240;
const keyOf = (scan) => `clonecheck.photo.${scan}`;

/** A small square JPEG copy of a picture file, as a data address; null where it is no picture. */
export async function shrink(file, side = SIDE) {
  try {
    const bitmap = await createImageBitmap(file);
    const edge = Math.min(bitmap.width, bitmap.height);
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const left = (bitmap.width - edge) / 2;
    const top = (bitmap.height - edge) / 2;
    canvas.getContext("2d").drawImage(bitmap, left, top, edge, edge, 0, 0, side, side);
    return canvas.toDataURL("image/jpeg", 0.85);
  } catch {
    return null;
  }
}

/** The same picture as a JPEG of at most so many pixels a side; null where the browser cannot read it. */
export async function redraw(file, most) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
    const size = { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) };
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.92); });
    return blob && new File([blob], "photo.jpg", { type: "image/jpeg" });
  } catch {
    return null;
  }
}

/** Keep a copy for a scan. */
export function keep(copy, scan) {
  try {
    sessionStorage.setItem(keyOf(scan), copy);
  } catch {
    // Without storage the photo is not shown beside others; nothing else depends on it.
  }
}

/** An address of the copy for this scan that an <img> can show, or null. */
export function recall(scan) {
  try {
    return toObject(sessionStorage.getItem(keyOf(scan)));
  } catch {
    return null;
  }
}

function toObject(copy) {
  if (!copy) return null;
  const bytes = Uint8Array.from(atob(copy.split(",")[1]), (char) => char.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
}
