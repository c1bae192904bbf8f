CREATE TABLE `provision_changes` (
	`seq` integer PRIMARY KEY NOT NULL,
	`changed_at` integer NOT NULL,
	`actor` text NOT NULL,
	`channel` text NOT NULL,
	`reason` text,
	`kind` text NOT NULL,
	`intercom_id` integer NOT NULL,
	`flat_id` integer,
	`flat` integer,
	`details` text NOT NULL,
	CONSTRAINT "provision_changes_channel" CHECK(channel in ('GRAPHQL', 'REST', 'IMPORT', 'CLI')),
	CONSTRAINT "provision_changes_kinds" CHECK(kind in ('FLAT_CREATED', 'KEYS_ATTACHED', 'KEYS_DETACHED', 'USERS_ATTACHED', 'USERS_DETACHED', 'INTERCOM_CREATED', 'INTERCOM_CHANGED', 'INTERCOM_DELETED')),
	CONSTRAINT "provision_changes_reason" CHECK(length(reason) <= 500),
	CONSTRAINT "provision_changes_flat_number" CHECK((flat_id is null) = (flat is null))
) STRICT;
--> statement-breakpoint
CREATE INDEX `provision_changes_flat` ON `provision_changes` (`flat_id`,`intercom_id`);--> statement-breakpoint
CREATE INDEX `provision_changes_intercom` ON `provision_changes` (`intercom_id`);--> statement-breakpoint
CREATE INDEX `provision_changes_kind` ON `provision_changes` (`kind`,`actor`,`channel`);