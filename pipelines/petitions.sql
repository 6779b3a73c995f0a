-- 信访: visits and letters.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for closed_in_time: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events           number of events
--   first_visits     first visits
--   repeated         repeat visits, of those that say whether they are one
--   collective       collective visits
--   beyond_level     visits beyond the level in charge
--   satisfied        satisfied, of those asked
--   closed_in_time   closed by the limit, of those that fell due and are open or say when they were closed
--   …_unknown        of first_visits, repeated, collective, beyond_level, closed_in_time: those that do not say it
with

events as (
    select * from petitions
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when not repeated then 1 else 0 end) as first_visits,
        sum(case when repeated then 1 else 0 end) as repeated,
        count(*) - count(repeated) as repeated_unknown,
        sum(case when collective then 1 else 0 end) as collective,
        count(*) - count(collective) as collective_unknown,
        sum(case when beyond_level then 1 else 0 end) as beyond_level,
        count(*) - count(beyond_level) as beyond_level_unknown,
        sum(case when satisfaction >= 4 then 1 else 0 end) as satisfied,
        count(satisfaction) as asked
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values
        (1, 'events'), (2, 'first_visits'), (3, 'repeated'), (4, 'collective'), (5, 'beyond_level'),
        (6, 'satisfied'), (7, 'first_visits_unknown'), (8, 'repeated_unknown'),
        (9, 'collective_unknown'), (10, 'beyond_level_unknown')
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
            when 2 then first_visits
            when 3 then repeated
            when 4 then collective
            when 5 then beyond_level
            when 6 then satisfied
            when 7 then repeated_unknown
            when 8 then repeated_unknown
            when 9 then collective_unknown
            when 10 then beyond_level_unknown
        end as num,
        case n
            when 3 then events - repeated_unknown
            when 6 then asked
            else 0
        end as den
    from daily
    cross join names
),

due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        category,
        count(*) as cases,
        sum(case when resolved_at <= due_at then 1 else 0 end) as closed_in_time,
        sum(case when resolved_at is null and outcome <> 'unsolved' then 1 else 0 end) as closed_at_unknown
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

due_names (n, indicator) as (
    values (1, 'closed_in_time'), (2, 'closed_in_time_unknown')
),

fell_due as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then closed_in_time
            when 2 then closed_at_unknown
        end as num,
        case n
            when 1 then cases - closed_at_unknown
            else 0
        end as den
    from due
    cross join due_names
),

increments as (
    select * from occurred
    union all
    select * from fell_due
)

select * from increments
where num <> 0 or den <> 0
