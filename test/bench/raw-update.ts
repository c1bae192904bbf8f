// What one update costs at least: the same find (links counted by their index), the same decision, the same new version,
// the same log row and the same counts of line states as the service, as plain statements of the driver. The limits and
// the peers run on it, so that what differs between two sides is what is built around it.
import type { Database } from 'better-sqlite3';

export interface RawInput {
  readonly intercomId: number;
  readonly flat: number;
  readonly smartphoneSip?: boolean | undefined;
  readonly landlineSip?: boolean | undefined;
  readonly analog?: boolean | undefined;
}

export interface RawFlat {
  readonly id: number;
  readonly flat: number;
  readonly intercom_id: number;
  readonly key_count: number;
  readonly users_count: number;
  readonly version: number;
  readonly smartphone_sip: number;
  readonly landline_sip: number;
  readonly analog: number;
}

export interface RawUpdates {
  /** The flat as the update left it, and the seq of its log row unless nothing changed; `undefined` for an unknown flat. */
  update(
    channel: 'GRAPHQL' | 'REST',
    input: RawInput,
  ): { readonly flat: RawFlat; readonly seq: number | bigint | undefined } | undefined;
  /** Writes what the updates since the last call did to the counts of line states: the last thing before a commit. */
  writeCounts(): void;
}

export function rawUpdates(client: Database): RawUpdates {
  const find = client.prepare<[number, number], RawFlat>(
    `select id, flat, intercom_id, version, smartphone_sip, landline_sip, analog,
       (select count(*) from keys where keys.flat_id = flats.id) key_count,
       (select count(*) from flat_users where flat_users.flat_id = flats.id) users_count
     from flats where intercom_id = ? and flat = ?`,
  );
  const setLines = client.prepare(
    'update flats set version = ?, updated_at = ?, smartphone_sip = ?, landline_sip = ?, analog = ? where id = ?',
  );
  const append = client.prepare(
    `insert into changes (changed_at, actor, channel, reason, flat_id, intercom_id, flat,
       before_smartphone_sip, before_landline_sip, before_analog, after_smartphone_sip, after_landline_sip, after_analog)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  const count = client.prepare('update line_counts set flats = flats + ? where lines = ?');
  const deltas = new Array<number>(8).fill(0);

  function update(channel: 'GRAPHQL' | 'REST', input: RawInput) {
    const found = find.get(input.intercomId, input.flat);
    if (!found) return undefined;
    const { id, intercom_id, smartphone_sip, landline_sip, analog } = found;
    const flat = {
      ...found,
      version: found.version + 1,
      smartphone_sip: Number(input.smartphoneSip ?? smartphone_sip),
      landline_sip: Number(input.landlineSip ?? landline_sip),
      analog: Number(input.analog ?? analog),
    };
    const same = flat.smartphone_sip === smartphone_sip && flat.landline_sip === landline_sip && flat.analog === analog;
    if (same) return { flat: found, seq: undefined };
    const now = Date.now();
    setLines.run(flat.version, now, flat.smartphone_sip, flat.landline_sip, flat.analog, id);
    const before = [smartphone_sip, landline_sip, analog];
    const after = [flat.smartphone_sip, flat.landline_sip, flat.analog];
    const { lastInsertRowid } = append.run(
      now,
      'local',
      channel,
      null,
      id,
      intercom_id,
      flat.flat,
      ...before,
      ...after,
    );
    deltas[maskOf(found)] = (deltas[maskOf(found)] as number) - 1;
    deltas[maskOf(flat)] = (deltas[maskOf(flat)] as number) + 1;
    return { flat, seq: lastInsertRowid };
  }

  function writeCounts(): void {
    deltas.forEach((delta, mask) => {
      if (delta !== 0) count.run(delta, mask);
    });
    deltas.fill(0);
  }

  return { update, writeCounts };
}

const maskOf = ({ smartphone_sip, landline_sip, analog }: RawFlat): number =>
  smartphone_sip + 2 * landline_sip + 4 * analog;
