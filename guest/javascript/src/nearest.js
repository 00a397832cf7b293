/**
 * The name that was probably meant; null when none is near.
 * @param {string} name
 * @param {string[]} names
 */
export function nearest(name, names) {
  let best = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const changes = distance(name.toLowerCase().replaceAll(/[-_]/g, ''), candidate.toLowerCase());
    if (changes < least) {
      [best, least] = [candidate, changes];
    }
  }
  return best;
}

/**
 * How many letters must be put in, left out or replaced.
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
