CREATE TABLE "change_set_runs" (
	"first_seq" bigint PRIMARY KEY NOT NULL,
	"last_seq" bigint NOT NULL,
	"change_set" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "change_set_runs_set" ON "change_set_runs" USING btree ("change_set","last_seq","first_seq");