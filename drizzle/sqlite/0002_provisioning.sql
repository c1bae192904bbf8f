ALTER TABLE `change_log` ADD `pruned_to` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `intercoms` ADD `external_id` text CHECK(length(external_id) between 1 and 100);--> statement-breakpoint
ALTER TABLE `intercoms` ADD `flat_from` integer CHECK(flat_from between 1 and 2147483647);--> statement-breakpoint
ALTER TABLE `intercoms` ADD `flat_to` integer CHECK(flat_to between 1 and 2147483647 and flat_to >= flat_from and (flat_from is null) = (flat_to is null));--> statement-breakpoint
CREATE UNIQUE INDEX `intercoms_external_id` ON `intercoms` (`external_id`);--> statement-breakpoint
-- An intercom has had no range so far: it gets the one its flats span.
UPDATE `intercoms` SET (`flat_from`, `flat_to`) = (SELECT min(`flat`), max(`flat`) FROM `flats` WHERE `intercom_id` = `intercoms`.`id`);
