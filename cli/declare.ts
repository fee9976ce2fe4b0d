import { InvalidArgumentError, Option } from "commander";

/** An option of a command; `T` is the type of its value. The flag is derived from its key. */
export interface Declared<T> {
  /** Placeholder of the argument, such as `<n>`; empty for a switch. */
  argument: string;
  help: string;
  parse?(text: string, before: T | undefined): NonNullable<T>;
  choices?: readonly string[];
  fallback?: T;
  mandatory?: boolean;
  /** A second name of the option. */
  alias?: string;
}

export type Declarations = Readonly<Record<string, Declared<unknown>>>;

/** Values of declared options. Omitted options without a default are undefined. */
export type Values<D extends Declarations> = { [K in keyof D]: D[K] extends Declared<infer T> ? T : never };

/** A switch. */
export function flag(help: string): Declared<boolean | undefined> {
  return { argument: "", help };
}

/** An option whose value is the text as typed. An empty one is refused: an unset variable of a shell is no choice. */
export function text(argument: string, help: string): Declared<string | undefined> {
  return { argument, help, parse: filled };
}

/** An option with several values, as typed. */
export function texts(argument: string, help: string): Declared<string[] | undefined> {
  return { argument, help };
}

function filled(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("it is empty; leave the option out for its default.");
}

/** An option whose argument is parsed; `parse` throws InvalidArgumentError. */
export function parsed<T>(
  argument: string,
  help: string,
  parse: (text: string) => NonNullable<T>,
): Declared<T | undefined> {
  return { argument, help, parse };
}

/** An option with a fixed set of values. */
export function choice<const T extends string>(
  argument: string,
  help: string,
  choices: readonly T[],
): Declared<T | undefined> {
  return { argument, help, choices };
}

/** An option with several values, each of which is parsed. */
export function several<T>(argument: string, help: string, parse: (text: string) => T): Declared<T[] | undefined> {
  return { argument, help, parse: (text, before = []) => [...before, parse(text)] };
}

/** The same option, made mandatory. */
export function required<T>(declared: Declared<T | undefined>): Declared<T> {
  return { ...declared, mandatory: true };
}

/** The same option with a default. */
export function withDefault<T>(declared: Declared<T | undefined>, fallback: T): Declared<T> {
  return { ...declared, fallback };
}

/** The same option under a second name. */
export function alsoNamed<T>(declared: Declared<T>, alias: string): Declared<T> {
  return { ...declared, alias };
}

/** `--json`, an option of every command that prints a result. */
export const json = flag("print one JSON document");

/** Converts declarations to commander's options: required ones first, then by name. */
export function optionsOf(declarations: Declarations): Option[] {
  return Object.entries(declarations)
    .sort(byNeedAndName)
    .map(([key, { argument, help, parse, choices, fallback, mandatory, alias }]) => {
      const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const names = alias ? `--${alias}, --${name}` : `--${name}`;
      const option = new Option(`${names}${argument && ` ${argument}`}`, help);
      if (fallback !== undefined) option.default(fallback);
      if (choices) option.choices(choices);
      if (parse) option.argParser(parse);
      return option.makeOptionMandatory(mandatory ?? false);
    });
}

function byNeedAndName(
  [a, { mandatory: needsA }]: [string, Declared<unknown>],
  [b, { mandatory: needsB }]: [string, Declared<unknown>],
): number {
  return Number(needsB ?? false) - Number(needsA ?? false) || a.localeCompare(b);
}
