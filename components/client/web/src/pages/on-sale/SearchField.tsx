interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** The API takes no more, and no title is longer. */
const MOST_CHARACTERS = 200;

export function SearchField({ value, onChange }: Props) {
  return (
    <search className="search">
      <label className="visually-hidden" htmlFor="search">
        Search titles
      </label>
      <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
        <circle cx="8.5" cy="8.5" r="5.5" />
        <path d="m13 13 5 5" />
      </svg>
      <input
        id="search"
        type="search"
        placeholder="Search titles"
        autoComplete="off"
        spellCheck={false}
        maxLength={MOST_CHARACTERS}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </search>
  );
}
