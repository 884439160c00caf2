import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeIn, zoneOf } from './clock.js';

test('zones by the names of places, and by their own', () => {
  assert.equal(zoneOf('Rome'), 'Europe/Rome');
  assert.equal(zoneOf(' mexico city'), 'America/Mexico_City');
  assert.equal(zoneOf('Asia/Tokyo'), 'Asia/Tokyo');
  assert.equal(zoneOf('utc'), 'UTC');
  assert.equal(zoneOf('Atlantis'), undefined);
});

test('the time there', () => {
  const now = new Date('2026-01-15T12:30:00Z');
  assert.equal(timeIn('Tokyo', now), '{"time":"21:30"}');
  assert.equal(timeIn('UTC', now), '{"time":"12:30"}');
  assert.match(timeIn('Atlantis', now), /no time zone with the name of Atlantis/);
  assert.match(timeIn(undefined, now), /^\{"time":"\d\d:\d\d"\}$/);
});
