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

names (indicator) as (
    values
        ('events'), ('first_visits'), ('repeated'), ('collective'), ('beyond_level'), ('satisfied'),
        ('first_visits_unknown'), ('repeated_unknown'), ('collective_unknown'), ('beyond_level_unknown')
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
            when 'first_visits_unknown' then repeated_unknown
            when 'repeated_unknown' then repeated_unknown
            when 'collective_unknown' then collective_unknown
            when 'beyond_level_unknown' then beyond_level_unknown
        end as num,
        case indicator
            when 'events' then 0
            when 'first_visits' then 0
            when 'repeated' then events - repeated_unknown
            when 'collective' then 0
            when 'beyond_level' then 0
            when 'satisfied' then asked
            when 'first_visits_unknown' then 0
            when 'repeated_unknown' then 0
            when 'collective_unknown' then 0
            when 'beyond_level_unknown' then 0
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

due_names (indicator) as (
    values ('closed_in_time'), ('closed_in_time_unknown')
),

fell_due as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case indicator
            when 'closed_in_time' then closed_in_time
            when 'closed_in_time_unknown' then closed_at_unknown
        end as num,
        case indicator
            when 'closed_in_time' then cases - closed_at_unknown
            when 'closed_in_time_unknown' then 0
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
