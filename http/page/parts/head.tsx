/** Name of a column, with the class of its cells if they have one. */
export type Column = string | readonly [name: string, kind: "number" | "screen"];

/** The head of a table. */
export function Head({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const [name, kind] = typeof column === "string" ? [column] : column;
          return (
            <th key={name} scope="col" class={kind}>
              {name}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
