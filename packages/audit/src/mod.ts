/**
 * Who did what, and which decision was made.
 *
 * @module
 */
export {
  type AuditEntry,
  type AuditEvent,
  AuditLog,
  type AuditVerdict,
  verifyAuditLog,
} from './audit_log.ts';
