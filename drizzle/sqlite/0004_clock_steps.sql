CREATE TABLE `clock_steps` (
	`seq` integer PRIMARY KEY NOT NULL
) STRICT;
