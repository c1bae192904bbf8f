CREATE TABLE `change_log` (
	`epoch` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `changes` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`changed_at` integer NOT NULL,
	`actor` text NOT NULL,
	`channel` text NOT NULL,
	`reason` text,
	`flat_id` integer NOT NULL,
	`intercom_id` integer NOT NULL,
	`flat` integer NOT NULL,
	`before_smartphone_sip` integer NOT NULL,
	`before_landline_sip` integer NOT NULL,
	`before_analog` integer NOT NULL,
	`after_smartphone_sip` integer NOT NULL,
	`after_landline_sip` integer NOT NULL,
	`after_analog` integer NOT NULL,
	CONSTRAINT "changes_channel" CHECK(channel in ('GRAPHQL', 'REST', 'IMPORT', 'CLI')),
	CONSTRAINT "changes_reason" CHECK(length(reason) <= 500),
	CONSTRAINT "changes_before" CHECK(before_smartphone_sip in (0, 1) and before_landline_sip in (0, 1) and before_analog in (0, 1)),
	CONSTRAINT "changes_after" CHECK(after_smartphone_sip in (0, 1) and after_landline_sip in (0, 1) and after_analog in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE TABLE `flat_users` (
	`flat_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	PRIMARY KEY(`flat_id`, `user_id`),
	FOREIGN KEY (`flat_id`) REFERENCES `flats`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `flat_users_user` ON `flat_users` (`user_id`);--> statement-breakpoint
CREATE TABLE `flats` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`intercom_id` integer NOT NULL,
	`flat` integer NOT NULL,
	`smartphone_sip` integer NOT NULL,
	`landline_sip` integer NOT NULL,
	`analog` integer NOT NULL,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`intercom_id`) REFERENCES `intercoms`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "flats_flat" CHECK(flat between 1 and 2147483647),
	CONSTRAINT "flats_version" CHECK(version >= 1),
	CONSTRAINT "flats_lines" CHECK(smartphone_sip in (0, 1) and landline_sip in (0, 1) and analog in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `flats_intercom_flat` ON `flats` (`intercom_id`,`flat`);--> statement-breakpoint
CREATE TABLE `intercoms` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`title` text NOT NULL,
	CONSTRAINT "intercoms_title" CHECK(length(title) between 1 and 200)
) STRICT;
--> statement-breakpoint
CREATE TABLE `keys` (
	`flat_id` integer NOT NULL,
	`code` text NOT NULL,
	PRIMARY KEY(`flat_id`, `code`),
	FOREIGN KEY (`flat_id`) REFERENCES `flats`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "keys_code" CHECK(length(code) between 1 and 64)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`login` text NOT NULL,
	CONSTRAINT "users_login_length" CHECK(length(login) between 1 and 100)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `users_login` ON `users` (`login`);
--> statement-breakpoint
INSERT INTO `change_log` (`epoch`) VALUES (lower(hex(randomblob(8))));
