// Days of the calendar, without hours and without a zone.

/** One day. */
export interface Day {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 0 is Monday. */
  weekday: number;
  /** `2026-11-27`, which also orders. */
  iso: string;
  plus(days: number): Day;
  /** The same day of another month, or its last. */
  months(months: number): Day;
}

function of(ms: number): Day {
  const at = new Date(ms);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return {
    year, month, day,
    weekday: (at.getUTCDay() + 6) % 7,
    iso: at.toISOString().slice(0, 10),
    plus: (days) => of(ms + days * 86_400_000),
    months: (months) => {
      const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
      return of(Date.UTC(year, month - 1 + months, Math.min(day, last)));
    },
  };
}

/** Reads `5/1/2027`, `05-01-2027`, `5.1.2027`, `05012027` and `2027-01-05`; null for anything else. */
export function read(text: string): Day | null {
  const iso = /^\s*(\d{4})-(\d\d)-(\d\d)\s*$/.exec(text);
  const pen = /^\s*(\d{1,2})\s*[/.,-]\s*(\d{1,2})\s*[/.,-]\s*(\d{4})\s*$/.exec(text) || /^\s*(\d\d)(\d\d)(\d{4})\s*$/.exec(text);
  const parts = iso ? [iso[1], iso[2], iso[3]] : pen ? [pen[3], pen[2], pen[1]] : null;
  if (!parts) return null;
  const [year, month, day] = parts.map(Number) as [number, number, number];
  const found = of(Date.UTC(year, month - 1, day));
  return found.year === year && found.month === month && found.day === day ? found : null;
}

/** As a field shows it: `05/01/2027`. */
export function shown(day: Day): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(day.day)}/${two(day.month)}/${day.year}`;
}
