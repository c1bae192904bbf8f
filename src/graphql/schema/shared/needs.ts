import type { GraphQLField } from 'graphql';
import type { Scope } from '../../../domain/caller.ts';

/** Part of a mutation's definition: the scope that its callers need. */
export const needs = (scope: Scope) => ({ extensions: { scope } });

/** The same of a mutation that reads and writes in many steps: another thread executes it. */
export const needsLong = (scope: Scope) => ({ extensions: { scope, longRunning: true } });

/**
 * The scope that a mutation's callers need: `admin` unless the mutation says otherwise, so that a new one is closed by
 * default.
 */
export const scopeOf = (mutation: GraphQLField<unknown, unknown> | undefined): Scope =>
  (mutation?.extensions['scope'] as Scope | undefined) ?? 'admin';
