// Every change of a task, and every line of the audit log, that goes to PostgreSQL is a pair of points.
import { Socket } from 'node:net';
import { pass } from './points.mjs';

const STATEMENTS = [
  ['insert into "nmcp_tasks"', 'create'],
  ['update "nmcp_tasks"', 'change'],
  ['insert into "nmcp_audit"', 'audit'],
];

/** Looks at what is sent: a statement is parsed anew each time, so its text is there. */
export function watchStatements() {
  // who writes is known by it
  process.env.PGAPPNAME = String(process.pid);
  const { write } = Socket.prototype;
  Socket.prototype.write = function (chunk, ...rest) {
    const text = Buffer.isBuffer(chunk) && chunk[0] === 0x50 ? chunk.toString('latin1', 0, 64) : ''; // P, Parse
    const name = STATEMENTS.find(([begin]) => text.includes(begin))?.[1];
    if (name === undefined) return write.call(this, chunk, ...rest);
    pass(`pg.${name}:before`);
    this.once('data', () => pass(`pg.${name}:after`));
    return write.call(this, chunk, ...rest);
  };
}
