// The time in places, by the time zones that the browser knows.

/** The zone that is named after the place: "Europe/Rome" for "Rome". A zone's own name is one, too. */
export function zoneOf(
  place: string,
  zones: readonly string[] = Intl.supportedValuesOf('timeZone'),
): string | undefined {
  const wanted = plain(place);
  if (wanted === 'utc' || wanted === 'gmt') return 'UTC';
  return zones.find((zone) => plain(zone) === wanted || plain(zone.split('/').at(-1) ?? '') === wanted);
}

/** What the function answers: {"time": "21:45"}. Without a place, of where the user is. */
export function timeIn(place: string | undefined, now = new Date()): string {
  const zone = place === undefined || place.trim() === '' ? undefined : zoneOf(place);
  if (place !== undefined && place.trim() !== '' && zone === undefined) {
    return JSON.stringify({ error: `there is no time zone with the name of ${place}` });
  }
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(now);
  return JSON.stringify({ time });
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}
