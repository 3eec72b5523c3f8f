-- Projections of records are made by the first merge instead of by each insert: that takes a third
-- off an insert. A part of one batch is left out by the least and the greatest `idx` of it, which
-- its partition keeps, and is read whole otherwise; what sums it up adds its rows. The engine merges
-- parts that have them and parts that do not each among themselves.

ALTER TABLE records MODIFY SETTING
    materialize_projections_on_insert = 0,
    materialize_projections_on_merge = 1;
