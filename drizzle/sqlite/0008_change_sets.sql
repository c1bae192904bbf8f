CREATE TABLE `change_set_runs` (
	`first_seq` integer PRIMARY KEY NOT NULL,
	`last_seq` integer NOT NULL,
	`change_set` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `change_set_runs_set` ON `change_set_runs` (`change_set`,`last_seq`,`first_seq`);