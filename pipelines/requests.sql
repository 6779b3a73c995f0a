-- 群众诉求: grid reports, 12345, enterprise code, mini-programme.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for closed_in_time: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events           requests made: measures trust as much as trouble, shown and monitored
--   repeated         repeated, of those that say whether they are
--   satisfied        satisfied, of those asked
--   closed_in_grid   closed in the grid, of those closed at a known level
--   closed_in_time   closed by the limit, of those that fell due and are open or say when they were closed
--   …_unknown        of repeated, closed_in_time: those that do not say it
with

events as (
    select * from requests
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when repeated then 1 else 0 end) as repeated,
        count(*) - count(repeated) as repeated_unknown,
        sum(case when satisfaction >= 4 then 1 else 0 end) as satisfied,
        count(satisfaction) as asked,
        sum(case when resolved_level = 'grid' then 1 else 0 end) as in_grid,
        count(resolved_level) as levelled
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('repeated'), ('satisfied'), ('closed_in_grid'), ('repeated_unknown')
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
            when 'repeated' then repeated
            when 'satisfied' then satisfied
            when 'closed_in_grid' then in_grid
            when 'repeated_unknown' then repeated_unknown
        end as num,
        case indicator
            when 'events' then 0
            when 'repeated' then events - repeated_unknown
            when 'satisfied' then asked
            when 'closed_in_grid' then levelled
            when 'repeated_unknown' then 0
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
