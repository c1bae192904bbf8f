CREATE TABLE `line_counts` (
	`lines` integer PRIMARY KEY NOT NULL,
	`flats` integer NOT NULL
) STRICT;
--> statement-breakpoint
ALTER TABLE `flats` ADD `lines` integer GENERATED ALWAYS AS (1 * smartphone_sip + 2 * landline_sip + 4 * analog) VIRTUAL;--> statement-breakpoint
ALTER TABLE `flats` ADD `changed` integer GENERATED ALWAYS AS (version > 1) VIRTUAL;--> statement-breakpoint
ALTER TABLE `flats` ADD `place` integer GENERATED ALWAYS AS (id) VIRTUAL;--> statement-breakpoint
CREATE INDEX `flats_lines_intercom` ON `flats` (`lines`,`intercom_id`,`flat`);--> statement-breakpoint
CREATE INDEX `flats_lines_updated` ON `flats` (`lines`,`changed`,`updated_at`,`place`);--> statement-breakpoint
CREATE INDEX `flats_flat` ON `flats` (`flat`,`intercom_id`);--> statement-breakpoint
ALTER TABLE `intercoms` ADD `title_folded` text DEFAULT '' NOT NULL;--> statement-breakpoint
-- `fold_title` is this program's own function, given to the connection that migrates.
UPDATE `intercoms` SET `title_folded` = fold_title(`title`);--> statement-breakpoint
CREATE INDEX `intercoms_title_folded` ON `intercoms` (`title_folded`,`id`);--> statement-breakpoint
-- Time never goes back in the log; where a clock once did, the later row gets the time of the one before.
UPDATE `changes` SET `changed_at` = `m`.`latest` FROM (SELECT `seq` AS `at`, max(`changed_at`) OVER (ORDER BY `seq`) AS `latest` FROM `changes`) AS `m` WHERE `seq` = `m`.`at` AND `changed_at` < `m`.`latest`;--> statement-breakpoint
CREATE INDEX `changes_flat` ON `changes` (`flat_id`);--> statement-breakpoint
CREATE INDEX `changes_intercom` ON `changes` (`intercom_id`);--> statement-breakpoint
CREATE INDEX `changes_actor` ON `changes` (`actor`,`channel`);--> statement-breakpoint
CREATE INDEX `keys_by_code` ON `keys` (`code`,`flat_id`);--> statement-breakpoint
INSERT INTO `line_counts` (`lines`, `flats`) SELECT `value`, (SELECT count(*) FROM `flats` WHERE `lines` = `value`) FROM json_each('[0,1,2,3,4,5,6,7]');--> statement-breakpoint
CREATE TRIGGER `flats_counted_on_insert` AFTER INSERT ON `flats` BEGIN
	UPDATE `line_counts` SET `flats` = `flats` + 1 WHERE `lines` = new.`lines`;
END;--> statement-breakpoint
CREATE TRIGGER `flats_counted_on_delete` AFTER DELETE ON `flats` BEGIN
	UPDATE `line_counts` SET `flats` = `flats` - 1 WHERE `lines` = old.`lines`;
END;
