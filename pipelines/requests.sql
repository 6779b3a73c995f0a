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

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values
        (1, 'events'), (2, 'repeated'), (3, 'satisfied'), (4, 'closed_in_grid'),
        (5, 'repeated_unknown')
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
            when 2 then repeated
            when 3 then satisfied
            when 4 then in_grid
            when 5 then repeated_unknown
        end as num,
        case n
            when 2 then events - repeated_unknown
            when 3 then asked
            when 4 then levelled
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
