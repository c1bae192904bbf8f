CREATE TABLE `hidden_flats` (
	`intercom_id` integer NOT NULL,
	`flat_from` integer NOT NULL,
	`flat_to` integer NOT NULL,
	`is_doomed` integer NOT NULL,
	PRIMARY KEY(`intercom_id`, `flat_from`),
	FOREIGN KEY (`intercom_id`) REFERENCES `intercoms`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `intercoms` ADD `hidden` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Hidden flats are counted where they come into sight or leave it.
DROP TRIGGER `flats_counted_on_insert`;--> statement-breakpoint
DROP TRIGGER `flats_counted_on_delete`;--> statement-breakpoint
CREATE TRIGGER `flats_counted_on_insert` AFTER INSERT ON `flats`
WHEN NOT EXISTS (SELECT 1 FROM `hidden_flats` WHERE `intercom_id` = new.`intercom_id` AND new.`flat` BETWEEN `flat_from` AND `flat_to`) BEGIN
	UPDATE `line_counts` SET `flats` = `flats` + 1 WHERE `lines` = new.`lines`;
END;--> statement-breakpoint
CREATE TRIGGER `flats_counted_on_delete` AFTER DELETE ON `flats`
WHEN NOT EXISTS (SELECT 1 FROM `hidden_flats` WHERE `intercom_id` = old.`intercom_id` AND old.`flat` BETWEEN `flat_from` AND `flat_to`) BEGIN
	UPDATE `line_counts` SET `flats` = `flats` - 1 WHERE `lines` = old.`lines`;
END;
