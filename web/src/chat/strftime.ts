const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (date: Date): number => date.getHours() % 12 || 12;

function dayOfYear(date: Date): number {
  const midnight = (day: number, month: number): number => Date.UTC(date.getFullYear(), month, day);
  return (midnight(date.getDate(), date.getMonth()) - midnight(0, 0)) / 86_400_000;
}

const conversions: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (days[date.getDay()] ?? '').slice(0, 3),
  A: (date) => days[date.getDay()] ?? '',
  b: (date) => (months[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => months[date.getMonth()] ?? '',
  d: (date) => two(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2),
  F: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  S: (date) => two(date.getSeconds()),
  T: (date) => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  '%': () => '%',
};

/**
 * C's strftime in the C locale: models were trained on English names whatever language the browser speaks. "%-d" has
 * no padding; a conversion that is not known stays as it is.
 */
export function strftime(format: string, date: Date): string {
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, dash: string, letter: string) => {
    const text = conversions[letter]?.(date);
    if (text === undefined) return whole;
    return dash === '' ? text : text.replace(/^[0 ]+(?=.)/, '');
  });
}
