/**
 * Who did what, and which decision was made.
 *
 * @module
 */
export { type AuditEntry, type AuditEvent, parseEntry } from './audit_entry.ts';
export { AuditLog, type AuditLogOptions } from './audit_log.ts';
export type { AuditStore, Sealing } from './audit_store.ts';
export { FileLog } from './file_log.ts';
export { type AuditVerdict, type VerifyOptions, verifyAuditLog } from './verify_audit_log.ts';
