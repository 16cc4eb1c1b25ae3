import { expect, test } from 'vitest';
import { findingIdOf, readFindingId } from './finding_id.ts';

test.each([
  { zone: 'nessus', identity: '10.0.0.5', key: '443/tcp/57608' },
  { zone: 'dmz-1', identity: '2001:db8::1', key: '0/tcp/21156/1.1/a b' },
  { zone: 'z', identity: 'an%2F/odd name', key: '0/udp/1' },
])('an id is read as it was written: %j', (place) => {
  expect(readFindingId(findingIdOf(place))).toEqual(place);
});

test.each(['', '57608', 'nessus/10.0.0.5', 'nessus/10.0.0.5/443/tcp/x', 'a/b/c/443/tcp/1'])(
  '%j is none',
  (text) => {
    expect(readFindingId(text)).toBeUndefined();
  },
);
