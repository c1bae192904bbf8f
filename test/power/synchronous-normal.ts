import Sqlite from 'better-sqlite3';

// Loaded before the server: what it would be without the syncs that each commit needs.
const { pragma } = Sqlite.prototype;
Sqlite.prototype.pragma = function (source, options) {
  return pragma.call(this, source.replace('synchronous = FULL', 'synchronous = NORMAL'), options);
};
