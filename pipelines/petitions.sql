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
--   repeated         repeat visits, of all visits
--   collective       collective visits
--   beyond_level     visits beyond the level in charge
--   satisfied        satisfied, of those asked
--   closed_in_time   closed by the limit, of those that fell due
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
        sum(case when not coalesce(repeated, false) then 1 else 0 end) as first_visits,
        sum(case when repeated then 1 else 0 end) as repeated,
        sum(case when collective then 1 else 0 end) as collective,
        sum(case when beyond_level then 1 else 0 end) as beyond_level,
        sum(case when satisfaction >= 4 then 1 else 0 end) as satisfied,
        count(satisfaction) as asked
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('first_visits'), ('repeated'), ('collective'), ('beyond_level'), ('satisfied')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case indicator
            when 'events' then events
            when 'first_visits' then first_visits
            when 'repeated' then repeated
            when 'collective' then collective
            when 'beyond_level' then beyond_level
            when 'satisfied' then satisfied
        end as num,
        case indicator
            when 'events' then 0
            when 'first_visits' then 0
            when 'repeated' then events
            when 'collective' then 0
            when 'beyond_level' then 0
            when 'satisfied' then asked
        end as den
    from daily
    cross join names
),

fell_due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        'closed_in_time' as indicator,
        category,
        sum(case when resolved_at <= due_at then 1 else 0 end) as num,
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
