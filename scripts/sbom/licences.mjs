/** Licences that require no more than a copy of their text. */
const PERMISSIVE = new Set(
  "0BSD AFL-2.1 Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT Unlicense WTFPL Zlib".split(" "),
);

/**
 * Further licences that are accepted for some packages. With `unstated`, `licence` stands for one that package.json does
 * not state. An entry that no package needs is an error, except those with `platform`.
 */
export const EXCEPTIONS = [
  {
    packages: /^@img\/sharp-/,
    licence: "LGPL-3.0-or-later",
    why: "libvips, an unmodified shared library of its own package",
    platform: true,
  },
  { packages: /^lightningcss/, licence: "MPL-2.0", why: "of vitest, unmodified; in no package and no image" },
  { packages: /^axe-core$/, licence: "MPL-2.0", why: "in tests alone, unmodified" },
  { packages: /^caniuse-lite$/, licence: "CC-BY-4.0", why: "data for webpack, unmodified" },
  { packages: /^cohere-ai$/, licence: "MIT", unstated: true, why: "its LICENSE file; in tests alone" },
  { packages: /^unionfs$/, licence: "Unlicense", unstated: true, why: "its LICENSE file" },
];

/**
 * The licence of each component, and what is wrong: an unknown licence, or one that is neither permissive nor an
 * exception for that package.
 *
 * @param components of a CycloneDX document
 */
export function checkLicences(components) {
  const licensed = components.map((component) => ({ ...named(component), stated: statedLicence(component) }));
  const used = new Set();
  const packages = licensed.map(({ name, version, stated }) => {
    const exceptions = EXCEPTIONS.filter(({ packages }) => packages.test(name));
    const unstated = exceptions.find((exception) => exception.unstated && stated === null);
    const licence = stated ?? unstated?.licence ?? null;
    const more = exceptions.map((exception) => exception.licence);
    const permissive = licence !== null && allows(licence, (id) => PERMISSIVE.has(id));
    const allowed =
      permissive || (licence !== null && allows(licence, (id) => PERMISSIVE.has(id) || more.includes(id)));
    if (unstated || !permissive) for (const exception of exceptions) used.add(exception);
    return { name, version, licence, allowed };
  });
  const refused = packages.filter(({ allowed }) => !allowed);
  const idle = EXCEPTIONS.filter((exception) => !exception.platform && !used.has(exception));
  return {
    packages,
    problems: [
      ...refused.map(({ name, version, licence }) => `${name}@${version}: ${licence ?? "no licence stated"}`),
      ...idle.map(({ packages }) => `the exception for ${packages.source} is needed by no package`),
    ],
  };
}

function named({ group, name, version }) {
  return { name: group ? `${group}/${name}` : name, version };
}

/** SPDX expression of a component; null if it states none. */
function statedLicence({ licenses = [] }) {
  const each = licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name);
  const stated = each.filter((licence) => licence && licence !== "UNLICENSED");
  return stated.length === 0 ? null : stated.join(" AND ");
}

/** True if an SPDX expression can be met by licences that `allowed` accepts. AND binds closer than OR. */
export function allows(expression, allowed) {
  const words = expression.replace(/[()]/g, " $& ").trim().split(/\s+/);
  let at = 0;
  const single = () => {
    if (words[at++] !== "(") return allowed(words[at - 1]);
    const inner = either();
    at++;
    return inner;
  };
  const both = () => {
    let met = single();
    while (words[at] === "AND" && at++ >= 0) met = single() && met;
    return met;
  };
  const either = () => {
    let met = both();
    while (words[at] === "OR" && at++ >= 0) met = both() || met;
    return met;
  };
  const met = either();
  // A licence with an exception (`WITH`) or other text is for a person to judge.
  return met && at === words.length;
}
