-- 重点群体服务: visits due and made, incidents.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for coverage: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events         visits due and incidents together: how full the feed is
--   incidents      incidents, per visit due
--   minors         minors involved
--   minors_unknown num those that do not say it, den the visits among them, which need not
--   coverage       visits made by now, of those that fell due
with

events as (
    select * from key_groups
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when category = 'visit' then 1 else 0 end) as visits,
        coalesce(sum(minors), 0) as minors,
        count(*) - count(minors) as minors_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'incidents'), (3, 'minors'), (4, 'minors_unknown')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then events
            when 2 then events - visits
            when 3 then minors
            when 4 then minors_unknown
        end as num,
        case n
            when 2 then visits
            when 4 then case when category = 'visit' then minors_unknown else 0 end
            else 0
        end as den
    from daily
    cross join names
),

fell_due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        'coverage' as indicator,
        category,
        sum(case when resolved_at is not null or outcome = 'visited' then 1 else 0 end) as num,
        count(*) as den
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

increments as (
    select * from occurred
    union all
    select * from fell_due
)

select * from increments
where num <> 0 or den <> 0
