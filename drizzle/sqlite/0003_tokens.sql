CREATE TABLE `tokens` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`scope` text NOT NULL,
	`hash` blob NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer,
	CONSTRAINT "tokens_name" CHECK(length(name) between 1 and 100),
	CONSTRAINT "tokens_scope" CHECK(scope in ('read', 'write', 'admin')),
	CONSTRAINT "tokens_hash_length" CHECK(length(hash) = 32)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_live_name` ON `tokens` (`name`) WHERE revoked_at is null;